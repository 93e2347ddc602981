import datetime as dt

import numpy as np
import pytest

from stillroom.monitoring.windows import sustained, window_starts


def december(*days):
    return [dt.date(2013, 12, day) for day in days]


def test_windows_span_calendar_days_even_where_a_day_is_missing():
    assert window_starts(december(1, 2, 3, 4), 3).tolist() == [0, 0, 0, 1]
    assert window_starts(december(1, 2, 5, 6), 3).tolist() == [0, 0, 2, 2]


def test_a_day_given_twice_or_out_of_order_is_refused():
    for days in ((1, 1), (2, 1)):
        with pytest.raises(ValueError, match="not in rising order"):
            window_starts(december(*days), 3)


def test_only_a_run_of_windows_alarms_from_its_second_on():
    passed = np.array([True, False, True, True, True, False, True])
    assert sustained(passed, 2).tolist() == [False, False, False, True, True, False, False]
    assert sustained(passed, 1).tolist() == passed.tolist()
