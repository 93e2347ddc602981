"""Which part a row belongs to: by date or by a seeded draw, and never by luck."""

import datetime as dt
import subprocess
import sys

import polars as pl
import pytest

from stillroom.table.split import part, reference_rows, with_split

from .tables import RANDOM, TIME, spec

BY_TIME = spec(split=TIME, time="when")
DAYS = [(2020, 2, 29), (2020, 3, 1), (2020, 3, 31), (2020, 4, 1), (2020, 4, 30), (2020, 5, 1), (2020, 12, 31)]
PARTS = ["train", "validation", "validation", "test", "test", "live", "live"]


def rows(**columns):
    return pl.LazyFrame(columns)


def labels(frame, table):
    return with_split(frame, table).collect()["split"].to_list()


@pytest.mark.parametrize("hour", [0, 23])
def test_each_date_is_the_first_day_of_its_part(hour):
    frame = rows(when=[dt.datetime(*day, hour, 59) for day in DAYS], a=[1.0] * 7, y=[1] * 7)

    assert labels(frame, BY_TIME) == PARTS


def test_rows_before_the_first_day_to_train_on_take_no_part():
    table = spec(split=TIME | {"train": "2020-02-29"}, time="when")
    frame = rows(when=[dt.datetime(2020, 2, 28, 23, 59), dt.datetime(2020, 2, 29)], a=[1.0] * 2, y=[1] * 2)

    assert labels(frame, table) == ["earlier", "train"]


def test_dates_do_as_well_as_datetimes():
    frame = rows(when=[dt.date(*day) for day in DAYS], a=[1.0] * 7, y=[1] * 7)

    assert labels(frame, BY_TIME) == PARTS


def test_without_a_live_date_the_test_part_has_no_end():
    table = spec(split={key: TIME[key] for key in ("kind", "validation", "test")}, time="when")
    frame = rows(when=[dt.date(*day) for day in DAYS], a=[1.0] * 7, y=[1] * 7)

    assert labels(frame, table) == ["train", "validation", "validation", "test", "test", "test", "test"]


def test_a_row_without_a_time_belongs_to_no_part():
    frame = rows(when=[dt.date(2020, 1, 1), None], a=[1.0, 2.0], y=[0, 1])

    assert with_split(frame, BY_TIME).collect()["split"].to_list() == ["train", "unlabelled"]


@pytest.mark.parametrize("unknown", [None, float("nan"), float("inf")])
def test_rows_without_a_target_take_no_part_unless_they_are_live(unknown):
    when = [dt.date(2020, 1, 1), dt.date(2020, 1, 2), dt.date(2020, 6, 1)]
    frame = rows(when=when, a=[1.0, 2.0, 3.0], y=[0.5, unknown, unknown])
    kept = with_split(frame, spec(split=TIME, time="when", task="regression")).collect()

    rows_kept = kept.select("a", "y", "split").rows()
    assert rows_kept == [(1.0, 0.5, "train"), (2.0, None, "unlabelled"), (3.0, None, "live")]


def test_a_draw_gives_each_part_its_share():
    drawn = pl.Series(labels(rows(a=range(20_000), y=[1] * 20_000), spec()))

    shares = {name: (drawn == name).mean() for name in ("train", "validation", "test", "live")}
    assert shares == pytest.approx({"train": 0.4, "validation": 0.2, "test": 0.3, "live": 0.1}, abs=0.01)


def test_a_draw_is_the_seed_s():
    frame = rows(a=range(1000), y=[1] * 1000)
    one, again, other = (labels(frame, spec(split=RANDOM | {"seed": seed})) for seed in (1, 1, 2))

    assert one == again
    assert one != other


def test_with_a_row_id_the_order_of_rows_does_not_matter():
    frame = rows(key=[f"row {i}" for i in range(500)], a=range(500), y=[1] * 500)
    table = spec(row_id="key")
    there = with_split(frame, table).collect().sort("key")
    back = with_split(frame.reverse(), table).collect().sort("key")

    assert there["split"].to_list() == back["split"].to_list()


def test_a_draw_is_the_same_in_another_process():
    frame = rows(a=range(64), y=[1] * 64)
    code = (
        "import polars as pl; from table.tables import spec; from stillroom.table.split import with_split;"
        "print(*with_split(pl.LazyFrame({'a': range(64), 'y': [1] * 64}), spec()).collect()['split'])"
    )
    there = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert there.stdout.split() == labels(frame, spec())


def test_a_part_is_its_rows():
    frame = with_split(rows(when=[dt.date(*day) for day in DAYS], a=range(7), y=[1] * 7), BY_TIME)

    assert part(frame, "validation").collect()["a"].to_list() == [1, 2]


def test_rows_of_a_group_are_in_one_part():
    table = spec(split=RANDOM, group="patient")
    frame = rows(patient=[i % 50 for i in range(500)], a=[1.0] * 500, y=[1] * 500)

    parts = with_split(frame, table).collect().group_by("patient").agg(pl.col("split").unique())

    assert parts["split"].list.len().to_list() == [1] * 50
    assert set(parts["split"].list.first()) > {"train", "test"}


def test_the_reference_has_rows_without_a_target_of_the_days_that_are_trained_on():
    days = [dt.datetime(*day) for day in [(2020, 2, 28), *DAYS[:2]] for _ in range(2)]
    frame = rows(when=days, a=[float(i) for i in range(6)], y=[None, None, 1, None, None, 1])

    assert reference_rows(with_split(frame, BY_TIME), BY_TIME).collect()["a"].to_list() == [2.0, 3.0]


def test_without_a_time_the_reference_has_all_rows_without_a_target():
    table = spec(split=RANDOM)
    found = with_split(rows(a=[float(i) for i in range(500)], y=[None, 1] * 250), table)

    reference = reference_rows(found, table).collect()
    assert set(reference["split"]) == {"train", "unlabelled"}
    assert (reference["split"] == "unlabelled").sum() > 200
