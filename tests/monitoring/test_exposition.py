import datetime as dt

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from stillroom.monitoring import Outcomes, drift_report, quality_report
from stillroom.monitoring.exposition import PREFIX, drift_series

from .days import FIRST_LIVE_DAY, days_of, views, whole


def series(report):
    """Value by name and what it is of, all of the table `flights`."""
    found = {}
    for family in text_string_to_metric_families(drift_series(report, "flights")):
        assert family.type == "gauge"
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("table") == "flights"
            found[(sample.name.removeprefix(PREFIX), *labels.values())] = sample.value
    return found


def outcomes_of(days, flipped=False):
    """Labels drawn from the predictions, so that these are calibrated, or from their opposite; the last has none."""
    rng = np.random.default_rng(9)
    prediction = np.concatenate([columns["prediction"] for _, columns in days])
    chance = 1 - prediction if flipped else prediction
    dates = np.repeat(np.array([date for date, _ in days], "datetime64[D]"), [len(c["prediction"]) for _, c in days])
    target = (rng.random(len(chance)) < chance).astype(float)
    target[dates == dates[-1]] = np.nan
    return Outcomes("binary", dates, prediction, target)


def test_a_drifted_column_stands_above_its_threshold(reference, reference_days, config):
    live = days_of(FIRST_LIVE_DAY, [{}] * 5 + [{"shift": 1.0}] * 5, seed=2)
    report = drift_report(reference, views(reference_days), views(live), task="binary", config=config)
    found = series(report)

    ratios = {column["name"]: column["daily"]["ratio"][-1] for column in report["columns"]}
    assert found["drift_ratio", "temp"] == ratios["temp"] > 1
    assert found["drift_ratio", "prediction"] == ratios["prediction"] < 1
    alarms = [found["drift_alarm", name] for name in ("temp", "carrier", "prediction")]
    assert alarms == [1, 0, 0]
    assert (found["rows",], found["until_seconds",]) == (10_000, dt.datetime(2013, 12, 11, tzinfo=dt.UTC).timestamp())
    assert not any("quality" in name for name, *_ in found)


def test_a_day_of_too_few_rows_leaves_the_last_word_to_the_day_before(reference, reference_days, config):
    config = config.model_copy(update={"window_days": (1,)})
    live = days_of(FIRST_LIVE_DAY, [{"shift": 1.0}] * 4, seed=2) + days_of(dt.date(2013, 12, 5), [{}], seed=3, rows=50)
    found = series(drift_report(reference, views(reference_days), views(live), task="binary", config=config))

    assert found["drift_ratio", "temp"] > 1
    assert found["drift_alarm", "temp"] == 1


def test_what_could_not_be_judged_is_no_zero(reference, reference_days, config):
    few = days_of(FIRST_LIVE_DAY, [{}], seed=5, rows=50)
    found = series(drift_report(reference, views(reference_days), views(few), task="binary", config=config))

    assert {name for name, *_ in found} == {"rows", "until_seconds"}


def test_quality_is_that_of_the_last_labels_and_the_estimate_that_of_the_last_predictions(
    reference, reference_days, config
):
    config = config.model_copy(update={"bootstrap": 20})
    live = days_of(FIRST_LIVE_DAY, [{}] * 20, seed=1)
    quality = quality_report(outcomes_of(live, flipped=True), outcomes_of(reference_days), config)
    report = drift_report(whole(live), [], views(live), task="binary", config=config, quality=quality)
    found = series(report)

    assert found["quality", "roc_auc"] == pytest.approx(quality["figures"]["roc_auc"]["value"][-1], abs=1e-5)
    assert found["quality_low", "roc_auc"] < found["quality", "roc_auc"] < found["quality_high", "roc_auc"]
    assert found["quality", "roc_auc"] < found["quality_limit", "roc_auc"] < found["quality_before", "roc_auc"]
    assert (found["quality_alarm", "roc_auc"], found["quality_estimate_alarm", "roc_auc"]) == (1, 0)
    assert found["quality_estimate", "roc_auc"] == pytest.approx(found["quality_before", "roc_auc"], abs=0.03)
    assert found["quality", "log_loss"] > found["quality_before", "log_loss"]
