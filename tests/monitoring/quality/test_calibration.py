import numpy as np
import pytest

from stillroom.monitoring.quality.calibration import calibration_curve

from .rows import FIRST_LIVE_DAY, binary, multiclass, regression


@pytest.mark.parametrize(
    "rows",
    [binary(FIRST_LIVE_DAY, [1.0] * 4, 1), multiclass(FIRST_LIVE_DAY, 4, 1), regression(FIRST_LIVE_DAY, [3] * 4, 1)],
    ids=lambda rows: rows.task,
)
def test_what_is_said_comes_of_calibrated_predictions(rows):
    bins = calibration_curve(rows, 0.95)
    assert len(bins) == 10
    assert sum(each["rows"] for each in bins) == len(rows)
    assert np.all(np.diff([each["said"] for each in bins]) > 0)
    if rows.task != "regression":  # whose errors make the extremes of the predictions too extreme
        assert sum(each["low"] <= each["said"] <= each["high"] for each in bins) >= 8


def test_a_model_that_says_too_much_lies_below_the_line():
    rows = binary(FIRST_LIVE_DAY, [1.0] * 4, 2)
    rows.target[::2] = 0
    assert all(each["high"] < each["said"] for each in calibration_curve(rows, 0.95)[2:])


def test_few_rows_make_few_bins():
    bins = calibration_curve(binary(FIRST_LIVE_DAY, [1.0], 3, rows=60), 0.95)
    assert [each["rows"] for each in bins] == [20, 20, 20]
