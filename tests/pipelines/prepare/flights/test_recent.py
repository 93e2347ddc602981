"""History counts what had become known before a row's scheduled departure, and nothing else."""

import pytest

from .raw import flight, prepared


def ask(*earlier, sched=1200, **own):
    """The row of a flight at noon after other flights."""
    return prepared([*earlier, flight(number=999, sched=sched, **own)])[-1]


@pytest.mark.parametrize(
    ("delay", "counted"),
    [
        (59, 1),  # left at 11:59
        (60, 0),  # left at noon: not before
        (61, 0),
        (-5, 1),
    ],
)
def test_a_departure_counts_once_it_has_left_before_the_instant(delay, counted):
    assert ask(flight(sched=1100, dep_delay=delay))["origin_dep_count_3h"] == counted


@pytest.mark.parametrize(("sched", "counted"), [(859, 0), (900, 1), (901, 1)])
def test_a_departure_leaves_the_window_after_three_hours(sched, counted):
    assert ask(flight(sched=sched))["origin_dep_count_3h"] == counted


def test_departures_at_the_origin():
    row = ask(
        flight(number=1, sched=1000, dep_delay=20),
        flight(number=2, sched=1000, dep_delay=14, carrier="UA"),
        flight(number=3, sched=1030, dep_delay=None),
        flight(number=4, sched=1000, dep_delay=50, origin="EWR"),
    )
    assert row["origin_dep_count_3h"] == 2
    assert row["origin_dep_late_3h"] == 1 / 2
    assert row["origin_cancelled_3h"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("sched", "cancelled"), [(1059, 1.0), (1100, None)])
def test_a_cancellation_counts_an_hour_after_its_scheduled_departure(sched, cancelled):
    assert ask(flight(sched=sched, dep_delay=None))["origin_cancelled_3h"] == cancelled


def test_waiting_flights_are_overdue_and_have_not_left():
    row = ask(
        flight(number=1, sched=1100, dep_delay=90),  # waits
        flight(number=2, sched=1100, dep_delay=59),  # left at 11:59
        flight(number=3, sched=1100, dep_delay=60),  # leaves at noon, which is not known before noon
        flight(number=4, sched=959, dep_delay=300),  # overdue for more than two hours
        flight(number=5, sched=1130, dep_delay=None),  # nobody knows yet that it will not leave
        flight(number=6, sched=1030, dep_delay=None),  # known since 11:30
        flight(number=7, sched=1200, dep_delay=90),  # due at the same instant
    )
    assert row["origin_waiting"] == 3


def test_carrier_history_is_of_the_same_carrier_at_the_same_origin():
    row = ask(
        flight(number=1, sched=1000, dep_delay=30, sched_arr=1110, arr_delay=40),
        flight(number=2, sched=1000, dep_delay=0, sched_arr=1110, arr_delay=-10),
        flight(number=3, sched=1000, dep_delay=90, sched_arr=1110, carrier="UA"),
        flight(number=4, sched=1000, dep_delay=90, sched_arr=1110, origin="LGA"),
    )
    assert row["carrier_dep_delay_3h"] == 15
    assert row["carrier_dep_late_3h"] == 0.5
    assert row["carrier_arr_delay_6h"] == 15


@pytest.mark.parametrize(
    ("arr_delay", "known"),
    [(49, 49), (50, None)],  # scheduled to land at 11:10
)
def test_an_arrival_counts_once_it_has_landed_before_the_instant(arr_delay, known):
    row = ask(flight(sched=1000, sched_arr=1110, arr_delay=arr_delay, origin="EWR"))
    assert row["dest_arr_delay_3h"] == known


def test_an_arrival_is_timed_by_the_clock_of_its_destination():
    flying = flight(sched=1000, dest="LAX", sched_arr=1300)  # 16:00 in New York
    assert ask(flying, sched=1555, dest="LAX", sched_arr=1900)["dest_arr_count_24h"] == 0
    assert ask(flying, sched=1605, dest="LAX", sched_arr=1900)["dest_arr_count_24h"] == 1


def test_arrivals_after_midnight_and_windows_over_midnight():
    late = flight(day="2013-04-30", sched=2330, sched_arr=40, arr_delay=10)  # lands at 00:50
    assert ask(late, sched=349)["dest_arr_delay_3h"] == 10
    assert ask(late, sched=351)["dest_arr_delay_3h"] is None
    assert ask(late, sched=351)["dest_arr_delay_24h"] == 10


def test_windows_are_hours_of_time_and_not_of_the_clock():
    before_the_change = flight(day="2013-03-10", sched=130, sched_arr=400)  # leaves at 01:30, the clocks skip 02:00
    assert ask(before_the_change, day="2013-03-10", sched=525, sched_arr=630)["origin_dep_count_3h"] == 1


def test_a_diverted_flight_departed_and_never_arrived():
    row = ask(flight(sched=1000, sched_arr=1110, arr_delay=None))
    assert row["origin_dep_count_3h"] == 1
    assert row["dest_arr_count_24h"] == 0


def test_no_news_is_missing_and_not_nought():
    row = ask()
    assert row["origin_dep_count_3h"] == 0
    assert row["origin_dep_late_3h"] is None
    assert row["dest_arr_delay_24h"] is None


def test_flight_number_history_ends_with_the_day_before():
    days = [f"2013-05-{day:02}" for day in (1, 2, 29, 30)]
    first, second, third, last = prepared(
        [flight(day=day, arr_delay=delay) for day, delay in zip(days, (10, 20, 60, 0), strict=True)]
    )
    assert first["flight_arr_delay_28d"] is None
    assert second["flight_arr_delay_28d"] == 10
    assert third["flight_arr_delay_28d"] == 15
    assert last["flight_arr_delay_28d"] == 40  # the first day is 29 days ago


def test_flights_at_one_instant_do_not_see_each_other():
    rows = prepared([flight(number=n, dep_delay=-9 + n, arr_delay=n) for n in range(1, 6)])
    assert [row["origin_dep_count_3h"] for row in rows] == [0] * 5
    assert [row["origin_waiting"] for row in rows] == [0] * 5
