"""The training table of real flights: complete, without leaks, and the same whatever the order of the raw rows."""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from .raw import identifier, run

RAW = Path(__file__).parents[4] / "data/01_raw/nycflights13"
KNOWN_LATER = {"dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"}


@pytest.fixture(scope="module")
def raw():
    return {name: pl.read_parquet(RAW / f"{name}.parquet") for name in ("flights", "weather", "planes", "airports")}


@pytest.fixture(scope="module")
def fortnight(raw):
    return {**raw, "flights": raw["flights"].filter(pl.col("month") == 7, pl.col("day").is_between(1, 14))}


def table(raw):
    return run(**raw).sort("scheduled_departure", "flight_id")


@pytest.mark.slow
def test_one_row_per_flight_that_was_meant_to_leave(raw):
    made = table(raw)
    assert len(made) == len(raw["flights"]) == 336_776
    assert made["flight_id"].n_unique() == len(made)
    assert made["arrived_late"].null_count() == 9_430
    assert made["arrived_late"].sum() == 80_100
    assert not KNOWN_LATER & set(made.columns)
    assert made["duration"].null_count() == 0
    assert made["duration"].is_between(45, 720).all()
    assert made["temp"].null_count() == 1_573


def test_blocks_of_time_make_the_same_table(raw):
    some = {**raw, "flights": raw["flights"].gather_every(20)}
    whole, cut = table(some), run(**some, block_days=50)
    assert_frame_equal(cut.sort("scheduled_departure", "flight_id"), whole, check_exact=True)


def test_the_order_of_raw_rows_does_not_matter(fortnight):
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=3) for name, frame in fortnight.items()}
    assert_frame_equal(table(shuffled), table(fortnight), check_exact=True)


def differing(before, after):
    """The rows with a flag: does any input differ between the two tables?"""
    inputs = [name for name in before.columns if name != "arrived_late"]
    both = pl.concat([before, after.select(pl.all().name.suffix("_after"))], how="horizontal")
    return both.with_columns(differs=pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}_after")) for c in inputs))


@pytest.mark.parametrize("outcome", ["dep_delay", "arr_delay"])
@pytest.mark.parametrize("seed", range(4))
def test_moving_a_flights_delay_changes_no_row_that_could_not_know_it(fortnight, outcome, seed):
    flights = fortnight["flights"].with_row_index()
    flown = flights.filter(pl.col("arr_delay").is_not_null(), pl.col("day").is_between(3, 11), pl.col("hour") < 15)
    moved = flown.sample(1, seed=seed).row(0, named=True)
    more = pl.when(pl.col("index") == moved["index"]).then(60).otherwise(0)
    changed = {**fortnight, "flights": flights.with_columns(pl.col(outcome) + more).drop("index")}

    rows = differing(table(fortnight), table(changed))
    own = rows.row(by_predicate=pl.col("flight_id") == identifier(moved), named=True)
    until_known = max(moved["dep_delay"], 0) if outcome == "dep_delay" else own["duration"] + moved["arr_delay"]
    known = own["scheduled_departure"] + dt.timedelta(minutes=until_known)
    assert not rows.filter(pl.col("scheduled_departure") <= known)["differs"].any()
    assert rows.filter(pl.col("scheduled_departure") > known)["differs"].any()


def test_a_later_cancellation_changes_no_row_before_it_is_known(fortnight):
    flights = fortnight["flights"].with_row_index()
    moved = flights.filter(pl.col("arr_delay").is_not_null(), pl.col("day") == 8).sample(1, seed=0).row(0, named=True)
    gone = pl.col("index") == moved["index"]
    cancelled = flights.with_columns(
        pl.when(~gone).then(pl.col(name)).alias(name) for name in ("dep_time", "dep_delay", "arr_time", "arr_delay")
    )
    rows = differing(table(fortnight), table({**fortnight, "flights": cancelled.drop("index")}))
    own = rows.row(by_predicate=pl.col("flight_id") == identifier(moved), named=True)
    assert not rows.filter(pl.col("scheduled_departure") <= own["scheduled_departure"])["differs"].any()
    assert rows["differs"].any()
