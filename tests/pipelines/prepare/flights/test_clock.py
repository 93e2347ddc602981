"""When a flight was to leave, how long it was to take, and from when its outcome is known."""

import datetime as dt

import narwhals as nw
import polars as pl
import pytest

from stillroom.pipelines.prepare.flights.clock import on_the_clock

from .raw import AIRPORTS, FLIGHT, flight, prepared


def clocked(*flights):
    frame = nw.from_native(pl.DataFrame(flights, schema=FLIGHT).lazy())
    rows = on_the_clock(frame, nw.from_native(AIRPORTS.lazy())).to_native().collect().to_dicts()
    return {row["flight"]: row for row in rows}


def utc(row, column):
    return dt.datetime(1970, 1, 1) + dt.timedelta(minutes=row[column])


@pytest.mark.parametrize(
    ("dest", "sched_arr", "minutes"),
    [("BOS", 1310, 70), ("ORD", 1330, 150), ("LAX", 1500, 360), ("PHX", 1400, 300), ("SJU", 1530, 210)],
)
def test_duration_is_the_difference_of_two_clocks_in_their_own_zones(dest, sched_arr, minutes):
    # SJU is not in `airports`; in May its clock is New York's, Phoenix keeps no summer time.
    assert prepared([flight(sched=1200, dest=dest, sched_arr=sched_arr)])[0]["duration"] == minutes


def test_duration_over_midnight():
    assert prepared([flight(sched=2330, sched_arr=40)])[0]["duration"] == 70


@pytest.mark.parametrize(
    ("day", "sched_arr", "minutes"),
    [
        ("2013-03-09", 105, 95),  # lands before the clocks go forward at two
        ("2013-03-09", 305, 155),  # 01:55 plus ten minutes shows 03:05
        ("2013-11-02", 105, 95),  # the first 01:05, still in summer time
        ("2013-11-02", 205, 215),  # the hour from one to two happens twice
    ],
)
def test_duration_in_the_nights_in_which_the_clocks_change(day, sched_arr, minutes):
    assert prepared([flight(day=day, sched=2330, sched_arr=sched_arr)])[0]["duration"] == minutes


def test_a_destination_nobody_knows_has_no_place_and_no_duration_and_its_arrival_is_known_a_day_later():
    row = clocked(flight(dest="XXX", arr_delay=5))[1]
    assert row["dest_lat"] is None
    assert row["duration"] is None
    assert row["arrived"] - row["scheduled"] == 24 * 60 + 5


def test_instants_are_minutes_of_utc():
    row = clocked(flight(day="2013-05-01", sched=2350, sched_arr=100, dep_delay=30, arr_delay=25))[1]
    assert utc(row, "scheduled") == dt.datetime(2013, 5, 2, 3, 50)
    assert utc(row, "departed") == dt.datetime(2013, 5, 2, 4, 20)
    assert utc(row, "arrived") == dt.datetime(2013, 5, 2, 5, 25)
    assert row["cancelled"] is None


def test_a_cancellation_is_known_an_hour_after_the_scheduled_departure():
    row = clocked(flight(dep_delay=None))[1]
    assert (row["departed"], row["arrived"]) == (None, None)
    assert row["cancelled"] - row["scheduled"] == 60


def test_a_flight_that_leaves_early_is_known_to_have_left_at_its_scheduled_minute():
    row = clocked(flight(dep_delay=-7))[1]
    assert row["departed"] == row["scheduled"]


def test_identifier_and_local_time():
    row = prepared([flight(day="2013-01-01", sched=515, number=1545, carrier="UA", origin="EWR")])[0]
    assert row["flight_id"] == "2013-01-01|UA|1545|EWR|0515"
    assert row["scheduled_departure"] == dt.datetime(2013, 1, 1, 5, 15)
    assert (row["month"], row["weekday"], row["hour"], row["minute_of_day"]) == (1, 1, 5, 315)


def test_target_is_late_from_fifteen_minutes_and_missing_without_an_arrival():
    rows = prepared(
        [flight(number=1, arr_delay=14), flight(number=2, arr_delay=15), flight(number=3, arr_delay=None),
         flight(number=4, dep_delay=None)]
    )  # fmt: skip
    assert [row["arrived_late"] for row in rows] == [0, 1, None, None]
