"""The weather of the scheduled hour at the origin, and the load planned for it."""

import pytest

from .raw import flight, observed, prepared


def test_weather_of_the_scheduled_hour_at_the_origin():
    weather = [observed(hour=11, temp=50.0), observed(hour=12, temp=60.0), observed(hour=12, origin="EWR", temp=70.0)]
    rows = prepared([flight(sched=1259, number=1), flight(sched=1300, number=2)], weather=weather)
    assert [row["temp"] for row in rows] == [60.0, None]


def test_the_hour_that_happens_twice_has_two_weathers():
    # 01:00 of 3 November is first 05:00 UTC, then 06:00; the flight is in the first.
    first = observed(day="2013-11-03", hour=1, temp=41.0)
    second = {**first, "time_hour": first["time_hour"].replace(hour=6), "temp": 42.0}
    row = prepared([flight(day="2013-11-03", sched=130, sched_arr=200)], weather=[first, second])[0]
    assert row["temp"] == 41.0


@pytest.mark.parametrize(("direction", "east", "north"), [(90, 10.0, 0.0), (180, 0.0, -10.0), (None, None, None)])
def test_wind_as_components(direction, east, north):
    row = prepared([flight()], weather=[observed(wind_dir=direction, wind_speed=10.0)])[0]
    assert row["wind_east"] == (None if east is None else pytest.approx(east))
    assert row["wind_north"] == (None if north is None else pytest.approx(north))


def test_change_of_pressure_over_three_hours():
    weather = [observed(hour=9, pressure=1010.0), observed(hour=12, pressure=1004.5)]
    rows = prepared([flight(number=1, sched=900), flight(number=2)], weather=weather)
    assert [row["pressure_change_3h"] for row in rows] == [None, -5.5]


def test_load_counts_what_is_scheduled_in_the_hour():
    rows = prepared(
        [flight(number=1, sched=1200), flight(number=2, sched=1259, dep_delay=None),
         flight(number=3, sched=1230, carrier="UA"), flight(number=4, sched=1300), flight(number=5, origin="EWR")]
    )  # fmt: skip
    assert [row["origin_load"] for row in rows] == [3, 3, 3, 1, 1]
    assert [row["carrier_load"] for row in rows] == [2, 2, 1, 1, 1]
