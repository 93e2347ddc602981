import json
from dataclasses import replace

import numpy as np
import pytest

from stillroom.monitoring.quality import Outcomes, quality_report
from stillroom.monitoring.report import drift_report
from stillroom.monitoring.settings import MonitorConfig

from .days import FIRST_LIVE_DAY, days_of, views


def report_of(reference, reference_days, live, config, **more):
    return drift_report(reference, views(reference_days), views(live), task="binary", config=config, **more)


def outcomes_of(days, flipped=False):
    """Labels drawn from the predictions, so that these are calibrated, or from their opposite."""
    rng = np.random.default_rng(9)
    prediction = np.concatenate([columns["prediction"] for _, columns in days])
    dates = np.concatenate([np.full(len(columns["prediction"]), date, "datetime64[D]") for date, columns in days])
    chance = 1 - prediction if flipped else prediction
    return Outcomes("binary", dates, prediction, (rng.random(len(chance)) < chance).astype(float))


def quality_of(live, held_out, config, **changes):
    return quality_report(replace(outcomes_of(live), **changes), outcomes_of(held_out), config)


def columns_of(report):
    return {column["name"]: column for column in report["columns"]}


def test_a_quiet_month_is_ok(reference, reference_days, config):
    live = days_of(FIRST_LIVE_DAY, [{}] * 20, seed=1)
    quality = quality_of(live, reference_days, config)
    found = report_of(reference, reference_days, live, config, quality=quality)
    assert found["status"] == "ok"
    assert found["headline"].startswith(
        "Nothing drifted: all 3 columns stayed within their usual range, 20 days from 1 Dec"
    )
    assert found["quality_sentence"].startswith("Quality held: ROC AUC was 0.")
    assert (found["rows"], found["reference_rows"], found["judged_days"]) == (20_000, 40_000, 20)


def test_a_drifted_input_is_a_ticket_and_is_described(reference, reference_days):
    config = MonitorConfig(window_days=(3, 14))
    live = days_of(FIRST_LIVE_DAY, [{}] * 10 + [{"shift": 1.0}] * 10, seed=2)
    found = report_of(reference, reference_days, live, config)
    assert found["status"] == "ticket"
    assert found["headline"] == (
        "1 of 2 inputs drifted, most of all temp since 11 December 2013; the predictions did not."
    )
    temp = columns_of(found)["temp"]
    assert (temp["began"], temp["in_alarm_at_the_end"]) == ("2013-12-11", True)
    assert (temp["peak"]["cause"], temp["peak"]["window_days"]) == ("wasserstein", 3)
    assert temp["peak"]["value"] > 0.5 > temp["peak"]["threshold"]
    assert temp["period"]["wasserstein"] == pytest.approx(0.5, abs=0.05)
    assert "No predictions were kept" in found["quality_sentence"]
    assert [(r["what"], r["column"], r["since"], r["until"]) for r in found["reasons"]] == [
        ("input", "temp", temp["began"], None)
    ]
    assert " allowed, in the " in found["reasons"][0]["text"]


def test_drift_that_ended_is_told_with_its_end(reference, reference_days):
    config = MonitorConfig(window_days=(3, 14))
    live = days_of(FIRST_LIVE_DAY, [{}] * 5 + [{"new_share": 0.3}] * 3 + [{}] * 22, seed=3)
    found = report_of(reference, reference_days, live, config)
    carrier = columns_of(found)["carrier"]
    assert (carrier["began"], carrier["in_alarm_at_the_end"]) == ("2013-12-06", False)
    assert carrier["peak"]["cause"] == "strangers"
    assert "carrier from 6 to " in found["headline"]
    assert "values never seen before 30" in found["inputs_sentence"]


def test_drifted_predictions_and_lost_quality_page(reference, reference_days, config):
    live = days_of(FIRST_LIVE_DAY, [{}] * 15, seed=4)
    for _, columns in live[5:]:
        columns["prediction"] = np.sqrt(columns["prediction"])
    drifted = report_of(reference, reference_days, live, config)
    assert drifted["status"] == "page"
    assert drifted["headline"].startswith("The predictions drifted since 6 December 2013 (")
    assert drifted["headline"].endswith("; no input did.")
    assert [r["what"] for r in drifted["reasons"]] == ["prediction"]

    calm = days_of(FIRST_LIVE_DAY, [{}] * 15, seed=5)
    labels = np.concatenate([outcomes_of(calm[:5]).target, outcomes_of(calm[5:], flipped=True).target])
    quality = quality_of(calm, reference_days, config, target=labels)
    lost = report_of(reference, reference_days, calm, config, quality=quality)
    assert lost["status"] == "page"
    assert lost["quality_sentence"].startswith("It matters: quality was lost since ")
    assert lost["quality"]["whole"]["roc_auc"]["high"] < lost["quality"]["before"]["roc_auc"]["low"] - 0.1
    assert "what they mean has changed (concept drift)" in lost["estimate_sentence"]
    assert lost["quality"]["estimate"]["share_inside"] < 0.5
    assert [(r["what"], r["since"]) for r in lost["reasons"]] == [("quality", lost["quality"]["began"])]


def test_before_labels_come_the_estimate_pages_by_itself(reference, reference_days, config):
    live = days_of(FIRST_LIVE_DAY, [{}] * 15, seed=5)
    unsure = outcomes_of(live).prediction
    rng = np.random.default_rng(6)
    unsure[7_000:] = rng.normal(0.25, 0.01, 8_000)
    quality = quality_of(live, reference_days, config, prediction=unsure, target=np.full(15_000, np.nan))
    found = report_of(reference, reference_days, live, config, quality=quality)
    assert found["status"] == "page"
    assert found["quality_sentence"] == "None of the 15,000 predictions has its label yet."
    assert found["estimate_sentence"].startswith("Estimated without labels, ROC AUC is ")
    assert ", and lost since 2013-12-" not in found["estimate_sentence"]
    assert "and lost since 1" in found["estimate_sentence"]
    assert [r["what"] for r in found["reasons"]] == ["estimate"]


def test_few_labels_are_told_and_not_called_held(reference, reference_days, config):
    live = days_of(FIRST_LIVE_DAY, [{}] * 3, seed=6)
    target = outcomes_of(live).target
    target[400:] = np.nan
    found = report_of(
        reference, reference_days, live, config, quality=quality_of(live, reference_days, config, target=target)
    )
    assert "on 400 labelled rows; a window needs 1,000 to be judged." in found["quality_sentence"]
    assert found["quality"]["labels"] == {"predictions": 3_000, "labelled": 400, "waiting": 2_600}


def test_too_little_traffic_is_said_not_hidden(reference, reference_days, config):
    found = report_of(reference, reference_days, days_of(FIRST_LIVE_DAY, [{}] * 3, seed=6, rows=50), config)
    assert (found["status"], found["judged_days"]) == ("ok", 0)
    assert found["headline"].startswith("Nothing could be judged: no window of the 3 days")
    assert columns_of(found)["temp"]["peak"] is None


def test_the_report_is_strict_json_with_the_worst_columns_pictured(reference, reference_days, config):
    live = days_of(FIRST_LIVE_DAY, [{"shift": 2.0}] * 4, seed=7)
    quality = quality_of(live, reference_days, config)
    found = report_of(reference, reference_days, live, config, quality=quality)
    assert found["quality"]["days"][0] == "2013-12-01"
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [column["name"] for column in found["columns"]] == ["prediction", "temp", "carrier"]
    assert all("overlay" in column for column in found["columns"])
    assert found["columns"][0]["daily"]["ratio"][0] is not None
    assert columns_of(found)["carrier"]["period"]["wasserstein"] is None
