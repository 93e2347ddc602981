import numpy as np
import pytest

from stillroom.monitoring.quality.bands import Spans, _resamples, banded, figures_of
from stillroom.monitoring.quality.statistics import statistics_of
from stillroom.monitoring.settings import MonitorConfig

from .rows import FIRST_LIVE_DAY, binary, multiclass, regression


def bands(rows, spans, config):
    statistics = statistics_of(rows.task, rows.prediction)
    truth, group = statistics.encode(rows.target), rows.days[1]
    value = figures_of(statistics, truth, group, int(group.max()) + 1, spans)
    return banded(statistics, value, lambda _: truth, group, spans, config)


@pytest.mark.parametrize(
    "rows",
    [binary(FIRST_LIVE_DAY, [0.8], seed=5), multiclass(FIRST_LIVE_DAY, 1, seed=5), regression(FIRST_LIVE_DAY, [2], 5)],
    ids=lambda rows: rows.task,
)
def test_every_figure_of_every_task_lies_in_its_band(rows):
    for name, found in bands(rows, Spans.single(1), MonitorConfig(bootstrap=60)).items():
        assert found.low[0] < found.value[0] < found.high[0], name
        assert found.high[0] - found.low[0] < max(0.25 * abs(found.value[0]), 0.05), name


def test_the_band_covers_the_truth_as_often_as_it_says():
    # 120 windows of 400 rows, scored in one go; the true error is 2, the true chance is what is said.
    config = MonitorConfig(bootstrap=100)
    errors = bands(regression(FIRST_LIVE_DAY, [2] * 120, seed=6, rows=400), Spans.single(120), config)["rmse"]
    assert np.mean((errors.low < 2) & (errors.high > 2)) == pytest.approx(0.95, abs=0.06)
    chances = binary(FIRST_LIVE_DAY, [1.0] * 120, seed=7, rows=400)
    expected = np.mean(chances.prediction * (1 - chances.prediction))
    brier = bands(chances, Spans.single(120), config)["brier_score"]
    assert np.mean((brier.low < expected) & (brier.high > expected)) == pytest.approx(0.95, abs=0.06)


def test_fewer_rows_make_a_wider_band():
    rows = binary(FIRST_LIVE_DAY, [1.0] * 16, seed=8, rows=300)
    found = bands(rows, Spans(np.array([0, 0]), np.array([0, 15])), MonitorConfig(bootstrap=100))["roc_auc"]
    assert found.error[0] / found.error[1] == pytest.approx(4, rel=0.35)


def test_very_many_rows_are_drawn_less_often():
    assert [_resamples(rows, MonitorConfig()) for rows in (0, 28_000, 500_000, 10**7)] == [200, 200, 100, 50]
    assert _resamples(10**7, MonitorConfig(bootstrap=20)) == 20
