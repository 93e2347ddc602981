"""The plane, and its previous leg as far as it was known."""

import pytest

from .raw import flight, prepared

STATE = ["previous_state", "previous_since", "previous_dep_delay", "previous_arr_delay", "previous_arrived_since"]


def after(**leg):
    """What a flight at 17:00 knows of its plane's leg to Boston, 10:00 to 11:10."""
    legs = {"sched": 1000, "sched_arr": 1110, "tailnum": "N1", **leg}
    row = prepared([flight(number=1, **legs), flight(number=2, sched=1700, sched_arr=1810, tailnum="N1")])[-1]
    return [row[name] for name in STATE]


@pytest.mark.parametrize(
    ("leg", "known"),
    [
        ({"dep_delay": 20, "arr_delay": 10}, ["arrived", 420, 20, 10, 340]),
        ({"dep_delay": 330, "arr_delay": 349}, ["arrived", 420, 330, 349, 1]),
        ({"dep_delay": 330, "arr_delay": 350}, ["flying", 420, 330, None, None]),
        ({"dep_delay": 420, "arr_delay": 430}, ["waiting", 420, None, None, None]),
        ({"dep_delay": None}, ["cancelled", 420, None, None, None]),
        ({"sched": 1600, "dep_delay": None}, ["waiting", 60, None, None, None]),
        ({"dep_delay": 5, "arr_delay": None}, ["flying", 420, 5, None, None]),
    ],
)
def test_previous_leg_as_known_at_the_scheduled_departure(leg, known):
    assert after(**leg) == known


def test_slack_is_the_time_that_remains_after_flying_straight_back():
    legs = [flight(number=1, sched=1000, sched_arr=1110, arr_delay=30, tailnum="N1"),
            flight(number=2, sched=1400, sched_arr=1510, tailnum="N1")]  # fmt: skip
    row = prepared(legs)[-1]
    assert row["previous_slack"] == 240 - 100 - 70
    assert row["previous_planned_slack"] == 240 - 2 * 70


@pytest.mark.parametrize(
    "leg",
    [
        {"tailnum": "N2"},
        {"tailnum": None},
        {"tailnum": "N1", "day": "2013-04-30", "sched": 1200},
        {"tailnum": "N1", "sched": 1300},
    ],
    ids=["another plane", "unknown plane", "a day ago", "later"],
)
def test_no_previous_leg(leg):
    row = prepared([flight(number=1, **leg), flight(number=2, sched=1200, tailnum="N1")])[-1]
    assert [row[name] for name in STATE] == [None] * 5


def test_flights_without_a_tail_number_are_not_one_plane():
    rows = prepared([flight(number=n, sched=1000 + 100 * n, tailnum=None) for n in range(3)])
    assert [row["previous_state"] for row in rows] == [None] * 3


def test_the_last_of_several_legs_counts():
    legs = [flight(number=n, sched=900 + 100 * n, sched_arr=945 + 100 * n, dep_delay=n, tailnum="N1") for n in range(3)]
    assert [row["previous_dep_delay"] for row in prepared(legs)] == [None, 0, 1]


def test_a_plane_that_is_not_in_the_register_is_missing():
    planes = [{"tailnum": "N1", "year": 2003, "manufacturer": "BOEING", "seats": 149},
              {"tailnum": "N2", "year": None, "manufacturer": "AIRBUS", "seats": 182}]  # fmt: skip
    rows = prepared([flight(number=n, tailnum=f"N{n}") for n in (1, 2, 3)], planes=planes)
    told = [(row["plane_age"], row["manufacturer"], row["seats"]) for row in rows]
    assert told == [(10, "BOEING", 149), (None, "AIRBUS", 182), (None, None, None)]
