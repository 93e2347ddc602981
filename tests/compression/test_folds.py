import datetime as dt

import numpy as np
import polars as pl
import pytest

from stillroom.compression.folds import FOLD, ROW, OutOfFoldConfig, out_of_fold, with_folds
from stillroom.table.errors import InputError
from training import small

RANDOM = {"kind": "random", "seed": 1, "validation": 0.2, "test": 0.2}


def config(by: str, folds: int = 4) -> OutOfFoldConfig:
    return OutOfFoldConfig.model_validate({"teachers": ["trees"], "max_epochs": 1, "by": by, "folds": folds})


def folded(by: str, frame: pl.DataFrame | None = None, folds: int = 4, seed: int = 0, **spec) -> pl.DataFrame:
    table = small.table("binary") if frame is None else frame
    return with_folds(table.lazy(), small.spec("binary", **spec), config(by, folds), seed).collect()


@pytest.mark.parametrize("by", ["auto", "time"])
def test_folds_by_time_are_blocks_of_whole_days_of_about_equal_size(by: str) -> None:
    rows = folded(by)
    days = rows.group_by(pl.col("when").dt.date().alias("day")).agg(pl.col(FOLD).unique()).sort("day")
    assert days[FOLD].list.len().to_list() == [1] * 10
    assert days[FOLD].list.first().is_sorted()
    assert rows[FOLD].value_counts()["count"].to_list() == pytest.approx([100] * 4, abs=40)


def test_rows_keep_their_order_and_get_their_number() -> None:
    frame = small.table("binary").sample(fraction=1, shuffle=True, seed=1)
    rows = folded("time", frame)
    assert rows[ROW].to_list() == list(range(400))
    assert rows["when"].to_list() == frame["when"].to_list()


def test_random_folds_are_of_about_equal_size_and_decided_by_the_seed() -> None:
    rows = folded("random")
    assert rows[FOLD].value_counts()["count"].to_list() == pytest.approx([100] * 4, abs=35)
    assert rows[FOLD].to_list() == folded("random")[FOLD].to_list()
    assert rows[FOLD].to_list() != folded("random", seed=1)[FOLD].to_list()


def test_a_table_without_a_time_is_folded_at_random() -> None:
    rows = folded("auto", time=None, split=RANDOM)
    assert rows[FOLD].to_list() == folded("random")[FOLD].to_list()


def test_rows_without_a_time_are_in_a_fold_too() -> None:
    frame = small.table("binary").with_columns(when=pl.when(pl.col("room") > 1).then(pl.col("when")))
    assert folded("time", frame)[FOLD].null_count() == 0


def recorded(rows: pl.DataFrame, folds: int = 4) -> tuple[np.ndarray, list[tuple[set[int], set[int]]]]:
    """Out-of-fold answers of a teacher that answers the row's number, and what each was taught on and asked."""
    meetings: list[tuple[set[int], set[int]]] = []

    def teach(taught: pl.LazyFrame, fold: int):
        known = set(taught.collect()[ROW])

        def answer(held_out: pl.LazyFrame) -> np.ndarray:
            asked = held_out.collect()[ROW].to_numpy()
            meetings.append((known, set(asked)))
            return asked.astype(np.float32)

        return answer

    return out_of_fold(rows.lazy(), folds, teach), meetings


@pytest.mark.parametrize("by", ["time", "random"])
def test_no_teacher_answers_a_row_it_was_taught_and_every_row_is_answered_once_in_order(by: str) -> None:
    answers, meetings = recorded(folded(by, small.table("binary").sample(fraction=1, shuffle=True, seed=2)))
    assert answers.tolist() == list(range(400))
    for taught, asked in meetings:
        assert taught.isdisjoint(asked)
        assert taught | asked == set(range(400))


def test_teachers_by_time_have_seen_no_row_of_the_days_they_answer() -> None:
    rows = folded("time")
    _, meetings = recorded(rows)
    days = rows["when"].dt.date().to_list()
    for taught, asked in meetings:
        assert {days[i] for i in taught}.isdisjoint(days[i] for i in asked)


def test_one_long_day_leaves_a_fold_empty_and_every_row_answered() -> None:
    frame = small.table("binary").with_columns(
        when=pl.when(pl.int_range(pl.len()) < 300).then(dt.datetime(2024, 1, 1)).otherwise(dt.datetime(2024, 1, 2))
    )
    answers, meetings = recorded(folded("time", frame))
    assert answers.tolist() == list(range(400))
    assert len(meetings) == 2


def test_a_single_day_cannot_be_folded_by_time() -> None:
    frame = small.table("binary").with_columns(when=dt.datetime(2024, 1, 1))
    with pytest.raises(InputError, match=r"all training rows fall into one fold of 4: set .*by to random"):
        recorded(folded("time", frame))


def test_a_table_may_have_columns_called_row_and_fold() -> None:
    frame = small.table("binary").with_columns(row=pl.lit(1), fold=pl.lit("a"))
    assert folded("time", frame)["row"].to_list() == [1] * 400


@pytest.mark.parametrize("by", ["auto", "group"])
def test_rows_of_a_group_are_in_one_fold(by: str) -> None:
    frame = small.table("binary").with_columns(patient=pl.int_range(pl.len()) % 37)
    rows = folded(by, frame, group="patient")
    of_group = rows.group_by("patient").agg(pl.col(FOLD).n_unique())
    assert of_group[FOLD].to_list() == [1] * 37
    assert rows[FOLD].n_unique() == 4
    _, meetings = recorded(rows)
    patients = frame["patient"].to_list()
    for taught, asked in meetings:
        assert {patients[i] for i in taught}.isdisjoint(patients[i] for i in asked)


@pytest.mark.parametrize(("by", "column"), [("group", {}), ("time", {"time": None, "split": RANDOM})])
def test_folds_by_a_column_that_the_table_has_not_are_refused(by: str, column: dict) -> None:
    with pytest.raises(InputError, match=rf"by is {by}, but the table small declares no `{by}` column"):
        folded(by, **column)
