"""From rows and a target to a declaration that reads back, and to one sentence where there is nothing to learn."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml

from stillroom.adoption import Places, Proposal, Source, Wishes, adopt
from stillroom.table.checks import TableChecks
from stillroom.table.errors import InputError
from stillroom.table.quality import check_table
from stillroom.table.spec import TableSpec
from stillroom.table.split import SPLIT, with_split

ROWS = 3000
RANDOM = np.random.default_rng(2)
HEIGHT = RANDOM.normal(size=ROWS)
DAYS = [dt.date(2024, 1, 1) + dt.timedelta(int(day)) for day in np.sort(RANDOM.integers(0, 100, ROWS))]
TOLD = "rows.csv"


def rows(**columns: Any) -> pl.DataFrame:
    colour = RANDOM.choice(["red", "green", "blue"], ROWS)
    return pl.DataFrame({"height": HEIGHT, "colour": colour, "late": HEIGHT + RANDOM.normal(size=ROWS) > 1, **columns})


def adopted(folder: Path, frame: pl.DataFrame, target: str = "late", **wishes: Any) -> Proposal:
    return adopt(Source(frame.lazy(), TOLD), Wishes("shop", target, **wishes), Places(folder, "shop"), ("", "NA"))


def declared(folder: Path) -> TableSpec:
    return TableSpec.model_validate(yaml.safe_load((folder / "conf/base/table/shop.yaml").read_text())["table"])


def parts(folder: Path) -> dict[str, int]:
    spec = declared(folder)
    split = with_split(pl.scan_parquet(folder / "data/01_raw/shop/shop.parquet"), spec)
    return dict(split.group_by(SPLIT).len().collect().iter_rows())


@pytest.mark.parametrize(
    ("target", "values", "task"),
    [
        ("t", RANDOM.random(ROWS) < 0.3, "binary"),
        ("t", np.where(RANDOM.random(ROWS) < 0.009, "yes", "no"), "binary"),
        ("t", RANDOM.integers(3, 9, ROWS), "multiclass"),
        ("t", RANDOM.integers(3, 9, ROWS) * 1.0, "multiclass"),
        ("t", [f"class {n}" for n in RANDOM.integers(0, 60, ROWS)], "multiclass"),
        ("t", RANDOM.integers(0, 500, ROWS), "regression"),
        ("t", RANDOM.normal(size=ROWS), "regression"),
    ],
)
def test_the_task_is_what_the_target_tells_of(tmp_path: Path, target: str, values: Any, task: str) -> None:
    adopted(tmp_path, rows(t=values), target)
    assert declared(tmp_path).task == task
    assert {"train", "validation", "test", "live"} <= set(parts(tmp_path))


def test_the_files_fit_the_rows_and_each_other(tmp_path: Path) -> None:
    frame = rows(
        order=[f"o{n}" for n in range(ROWS)], day=DAYS, stock=RANDOM.integers(1, 9, ROWS),
        note=[None if n % 3 else "x" for n in range(ROWS)],
    )  # fmt: skip
    proposal = adopted(tmp_path, frame)
    spec = declared(tmp_path)
    assert spec == proposal.spec
    assert (spec.row_id, spec.numeric, spec.categorical) == ("order", ["height", "stock"], ["colour", "note"])
    assert spec.forbidden == ["day"]

    entry = yaml.safe_load((tmp_path / "conf/base/catalog_shop.yml").read_text())["shop_raw"]
    source = pl.scan_parquet(tmp_path / entry["filepath"])
    check_table(source, spec)
    checks = TableChecks(**entry["validator"]["options"])
    checks.validate(source)
    with pytest.raises(InputError, match="column stock ranges from 1 to 99"):
        checks.validate(source.with_columns(pl.col("stock").replace(8, 99)))
    with pytest.raises(InputError, match="the key order is not unique"):
        checks.validate(source.with_columns(order=pl.lit("o1")))
    with pytest.raises(InputError, match="column height is missing"):
        checks.validate(source.with_columns(height=pl.when(pl.col("height") > 0).then(pl.col("height"))))


def test_every_choice_has_its_reason_beside_it(tmp_path: Path) -> None:
    adopted(tmp_path, rows(day=DAYS, leak=HEIGHT * 0 + RANDOM.normal(size=ROWS)).with_columns(late=pl.col("leak") > 1))
    text = (tmp_path / "conf/base/table/shop.yaml").read_text()
    assert "- height  # -" in text
    assert "- colour  # 3 different texts" in text
    assert "- day  # dates, 2024-01-01 to 2024-04-09" in text
    assert "- leak  # alone it predicts late with ROC AUC 1.000" in text
    assert "# two values, 'false' and 'true'; predicted is 'true', 1" in text


def test_a_time_splits_by_whole_days(tmp_path: Path) -> None:
    adopted(tmp_path, rows(day=DAYS), time="day")
    spec = declared(tmp_path)
    assert spec.time == "day"
    assert "day" not in (*spec.columns, *spec.forbidden)
    found = parts(tmp_path)
    assert 0.55 < found["train"] / ROWS < 0.65
    assert min(found["validation"], found["test"], found["live"]) > 0.05 * ROWS


@pytest.mark.parametrize(
    ("values", "last"),
    [
        ([20240100 + day for day in (1, 2, 3, 4, 5)] * (ROWS // 5), dt.date(2024, 1, 5)),
        (np.arange(ROWS) % 9 + 2010, dt.date(2018, 1, 1)),
        (1_700_000_000 + np.arange(ROWS) * 3600, dt.datetime(2024, 3, 18, 21, 13, 20)),
    ],
)
def test_whole_numbers_may_be_times(tmp_path: Path, values: Any, last: dt.date) -> None:
    adopted(tmp_path, rows(at=pl.Series(values)), time="at")
    assert (
        pl.scan_parquet(tmp_path / "data/01_raw/shop/shop.parquet").select(pl.col("at").max()).collect().item() == last
    )


def test_rows_of_a_group_stand_on_one_side(tmp_path: Path) -> None:
    adopted(tmp_path, rows(patient_id=RANDOM.integers(0, 300, ROWS)))
    spec = declared(tmp_path)
    assert spec.group == "patient_id"
    split = with_split(pl.scan_parquet(tmp_path / "data/01_raw/shop/shop.parquet"), spec)
    assert split.group_by("patient_id").agg(pl.col(SPLIT).n_unique()).select(pl.col(SPLIT).max()).collect().item() == 1


def test_rows_of_classes_that_cannot_be_learnt_take_no_part(tmp_path: Path) -> None:
    kind = np.where(np.arange(ROWS) < 3, "rare", RANDOM.choice(["a", "b", "c"], ROWS))
    kind[-40:] = "late"
    proposal = adopted(tmp_path, rows(kind=kind, day=DAYS), "kind", time="day")
    assert proposal.aim.rare == ["rare", "late"]
    assert parts(tmp_path)["unlabelled"] == 3


def test_many_rows_of_rare_classes_pass_the_checks_that_are_declared(tmp_path: Path) -> None:
    kind = [f"rare {n // 5}" if n < 500 else "ab"[n % 2] for n in range(ROWS)]
    adopted(tmp_path, rows(kind=kind), "kind")
    entry = yaml.safe_load((tmp_path / "conf/base/catalog_shop.yml").read_text())["shop_raw"]
    source = TableChecks(**entry["validator"]["options"]).validate(pl.scan_parquet(tmp_path / entry["filepath"]))
    assert source.lazy().select(pl.col("kind").null_count()).collect().item() == 500


def test_in_a_split_by_time_a_group_that_can_be_learnt_is_a_category(tmp_path: Path) -> None:
    proposal = adopted(
        tmp_path,
        rows(day=DAYS, store_id=RANDOM.integers(0, 60, ROWS), user_id=RANDOM.integers(0, 900, ROWS)),
        time="day",
    )
    assert proposal.spec.group is None
    assert (proposal.roles["store_id"].part, proposal.roles["user_id"].part) == ("categorical", "forbidden")


def test_what_own_nodes_have_to_do_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--prepare own\.nodes: let your nodes rename 'split'"):
        adopted(tmp_path, rows(split=HEIGHT), prepare="own.nodes", made="shop_table")


def test_odd_names_are_kept_or_renamed(tmp_path: Path) -> None:
    frame = rows().rename({"height": 'height "in" cm: ü', "colour": "split"}).with_columns(
        pl.Series("", RANDOM.normal(size=ROWS)), pl.Series("no", RANDOM.normal(size=ROWS)), pl.Series("a${b}", HEIGHT)
    )  # fmt: skip
    adopted(tmp_path, frame)
    assert declared(tmp_path).columns == ['height "in" cm: ü', "unnamed", "no", "a_{b}", "split_"]


@pytest.mark.parametrize(
    ("count", "preset"), [(200, "small"), (2999, "small"), (3000, "medium"), (149_999, "medium"), (150_000, None)]
)
def test_the_preset_goes_by_the_rows(tmp_path: Path, count: int, preset: str | None) -> None:
    frame = pl.DataFrame({"a": RANDOM.normal(size=count), "t": RANDOM.random(count) < 0.5})
    adopted(tmp_path, frame, "t")
    declaration = yaml.safe_load((tmp_path / "conf/base/table/shop.yaml").read_text())
    assert declaration.get("defaults") == (preset and [{"override /experiment": preset}])


@pytest.mark.parametrize(
    ("frame", "wishes", "sentence"),
    [
        (rows(), {"target": "price"}, "--target price: there is no such column; the columns are height, colour, late"),
        (rows(), {"time": "day"}, "--time day: there is no such column"),
        (rows(c=1), {"target": "c"}, "the target c is constant: every row has the same value"),
        (rows(c=None), {"target": "c"}, "the target c is missing in every row"),
        (rows(c=[f"{n} x" for n in range(ROWS)]), {"target": "c"}, "the target c has 3,000 different values"),
        (rows(c=[n < 7 for n in range(ROWS)]), {"target": "c"}, "only 7 rows have 'true' as their c"),
        (rows(), {"target": "colour", "task": "binary"}, "--task binary: the target colour has 3 different values"),
        (rows(), {"target": "colour", "task": "regression"}, "--task regression: the target colour holds String"),
        (rows(day=DAYS), {"target": "day"}, "the target day is Date: name a column of numbers"),
        (rows().select("late", n=pl.lit(None), c=pl.lit(1)), {}, "no column is left to predict late from .n: missing"),
        (rows().select("late"), {}, "no column is left to predict late from .it is the only one"),
        (rows().head(1), {}, "the table has 1 row.s.: it takes 100"),
        (rows().head(0), {}, "the table has 0 row.s.: it takes 100"),
        (rows(day=DAYS[0]), {"time": "day"}, "--time day has 1 different days: a split by time takes four"),
        (rows(), {"time": "colour"}, "--time colour: its values are String, and no dates"),
        (rows(day=DAYS, late=HEIGHT * 0 + np.arange(ROWS) > 2900), {"time": "day"}, "in the train part every late"),
        (pl.DataFrame({f"c{n}": [1] for n in range(10_000)}), {"target": "c1"}, "table has 10,000 columns; a service"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_is_said_in_one_sentence(
    tmp_path: Path, frame: pl.DataFrame, wishes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        adopted(tmp_path, frame, **wishes)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_table_is_replaced_only_by_force_and_only_where_it_was_adopted(tmp_path: Path) -> None:
    adopted(tmp_path, rows())
    places = Places(tmp_path, "shop")
    with pytest.raises(InputError, match=r"conf/base/table/shop\.yaml is there already: .* --force"):
        places.check_free(force=False)
    places.check_free(force=True)
    places.catalog.write_text("own:\n  type: MemoryDataset\n")
    with pytest.raises(InputError, match=r"catalog_shop\.yml is there already, and not written by kedro adopt"):
        places.check_free(force=True)
