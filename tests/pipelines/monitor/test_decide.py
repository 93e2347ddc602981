"""The champion is watched by the split that it was trained on, whatever is declared by now."""

import datetime as dt

import polars as pl
import pytest

from pipelines import small_run
from stillroom.datasets.bento import Release
from stillroom.datasets.champion import Champion
from stillroom.monitoring.decision import RetrainConfig
from stillroom.pipelines.monitor.decide import decide_on, split_as_trained
from stillroom.table.errors import InputError
from stillroom.table.spec import TimeSplit

CHAMPION = Champion(tag="stillroom_small:1")
TRAINED = {
    "kind": "time",
    "train": "2024-01-02",
    "validation": "2024-01-04",
    "test": "2024-01-06",
    "live": "2024-01-08",
}
QUIET = {"days": ["2024-01-08", "2024-01-10"], "columns": [], "quality": None}


def parts(table: pl.LazyFrame) -> list[str]:
    """The part of each of the ten days."""
    days = table.group_by(pl.col("when").dt.date()).agg(pl.col("split").unique()).sort("when").collect()
    return ["+".join(sorted(each)) for each in days["split"].to_list()]


def test_the_table_is_split_as_it_was_when_the_champion_was_trained() -> None:
    release = Release(b"", {"split": TRAINED}, tag="stillroom_small:1")
    table, split = split_as_trained(CHAMPION, release, small_run.training_table("binary"), small_run.spec("binary"))

    assert split == TimeSplit.model_validate(TRAINED)
    assert parts(table) == ["earlier", *["train"] * 2, *["validation"] * 2, *["test"] * 2, *["live"] * 3]


def test_a_champion_that_does_not_say_is_taken_for_one_of_the_declared_split() -> None:
    table, split = split_as_trained(
        CHAMPION, Release(b""), small_run.training_table("binary"), small_run.spec("binary")
    )
    assert split == small_run.spec("binary").split
    assert parts(table) == parts(small_run.training_table("binary"))


def test_without_a_champion_it_is_said_what_makes_one() -> None:
    with pytest.raises(InputError, match="table small has no champion to watch: `kedro run` releases one"):
        split_as_trained(Champion(), None, small_run.training_table("binary"), small_run.spec("binary"))


def test_the_window_ends_with_the_last_labelled_day() -> None:
    labelled = pl.col("when") < dt.datetime(2024, 1, 10)
    table = small_run.training_table("binary").with_columns(target=pl.when(labelled).then(pl.col("target")))
    split = TimeSplit.model_validate(TRAINED)
    retrain = RetrainConfig(train_days=3, validation_days=2, test_days=2)

    decision = decide_on(QUIET, CHAMPION, table, split, small_run.spec("binary"), retrain)

    assert (decision.verdict, decision.judged) == ("healthy", "stillroom_small:1")
    assert decision.window == TimeSplit(
        kind="time",
        train=dt.date(2024, 1, 3),
        validation=dt.date(2024, 1, 6),
        test=dt.date(2024, 1, 8),
        live=dt.date(2024, 1, 10),
    )


def test_a_table_without_time_has_no_window() -> None:
    table = small_run.spec("binary", time=None, split={"kind": "random", "seed": 1, "validation": 0.2, "test": 0.2})
    decision = decide_on(QUIET, CHAMPION, small_run.training_table("binary"), table.split, table, RetrainConfig())
    assert decision.window is None
