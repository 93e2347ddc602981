import pytest

from stillroom.pages import Axis, log_axis, round_axis


def test_round_ends_lie_around_the_values_and_ticks_are_written_alike():
    axis = round_axis([0.703, 0.748, float("nan")])
    assert (axis.low, axis.high) == (pytest.approx(0.70), pytest.approx(0.75))
    assert axis.across() == [
        (0.0, "0.70"),
        (20.0, "0.71"),
        (40.0, "0.72"),
        (60.0, "0.73"),
        (80.0, "0.74"),
        (100.0, "0.75"),
    ]
    assert axis.top(0.75) == 0


@pytest.mark.parametrize("values", [[], [0.0], [3.5], [-2.0, -2.0], [1e9, 1e9 + 1]])
def test_an_axis_of_one_value_or_none_still_has_two_ends(values):
    axis = round_axis(values)
    assert axis.low < axis.high
    assert all(0 <= axis.place(value) <= 100 for value in values)


def test_latencies_of_a_wide_range_get_a_tick_a_decade_and_close_ones_enough_to_read():
    assert [text for _, text in log_axis([20, 31_000]).across()] == ["100", "1,000", "10,000"]
    assert [text for _, text in log_axis([17, 20]).across()] == ["10", "20", "30"]


def test_equal_latencies_are_not_pulled_apart():
    places = [log_axis([17, 20]).place(value) for value in (17, 20)]
    assert places[1] - places[0] < 15
    assert Axis(1, 100, [], log=True).place(10) == 50
