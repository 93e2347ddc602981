import json

import numpy as np
import pytest

from stillroom.monitoring.quality import Labelled
from stillroom.monitoring.report import drift_report

from .days import FIRST_LIVE_DAY, days_of, views


def report_of(reference, reference_days, live, config, **more):
    return drift_report(reference, views(reference_days), views(live), task="binary", config=config, **more)


def labels_of(days, flipped=False):
    """Labels drawn from the predictions, so that these are calibrated, or from their opposite."""
    rng = np.random.default_rng(9)
    found = []
    for date, columns in days:
        chance = 1 - columns["prediction"] if flipped else columns["prediction"]
        found.append(Labelled(date, (rng.random(len(chance)) < chance).astype(int), columns["prediction"]))
    return found


def columns_of(report):
    return {column["name"]: column for column in report["columns"]}


def test_a_quiet_month_is_ok(reference, reference_days, config):
    live = days_of(FIRST_LIVE_DAY, [{}] * 20, seed=1)
    found = report_of(
        reference, reference_days, live, config, live_labels=labels_of(live), reference_labels=labels_of(reference_days)
    )
    assert found["status"] == "ok"
    assert found["headline"].startswith(
        "Nothing drifted: all 3 columns stayed within their usual range, 20 days from 1 Dec"
    )
    assert found["quality_sentence"].startswith("Quality held: ROC AUC was 0.")
    assert (found["rows"], found["reference_rows"], found["judged_days"]) == (20_000, 40_000, 20)


def test_a_drifted_input_is_a_ticket_and_is_described(reference, reference_days, config):
    live = days_of(FIRST_LIVE_DAY, [{}] * 10 + [{"shift": 1.0}] * 10, seed=2)
    found = report_of(reference, reference_days, live, config)
    assert found["status"] == "ticket"
    assert found["headline"] == (
        "1 of 2 inputs drifted, most of all temp since 11 December 2013; the predictions did not."
    )
    temp = columns_of(found)["temp"]
    assert (temp["began"], temp["in_alarm_at_the_end"]) == ("2013-12-11", True)
    assert (temp["peak"]["cause"], temp["peak"]["window_days"]) == ("psi", 3)
    assert temp["peak"]["value"] > 0.5 > temp["peak"]["threshold"]
    assert temp["period"]["wasserstein"] == pytest.approx(0.5, abs=0.05)
    assert "No labels are known yet" in found["quality_sentence"]


def test_drift_that_ended_is_told_with_its_end(reference, reference_days, config):
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
    held_out = labels_of(reference_days)
    drifted = report_of(reference, reference_days, live, config)
    assert drifted["status"] == "page"
    assert drifted["headline"].startswith("The predictions drifted since 6 December 2013 (PSI ")
    assert drifted["headline"].endswith("; no input did.")

    calm = days_of(FIRST_LIVE_DAY, [{}] * 15, seed=5)
    labels = labels_of(calm[:5]) + labels_of(calm[5:], flipped=True)
    lost = report_of(reference, reference_days, calm, config, live_labels=labels, reference_labels=held_out)
    assert lost["status"] == "page"
    assert lost["quality_sentence"].startswith("It matters: quality was lost since ")
    assert lost["quality"]["after"]["roc_auc"] < lost["quality"]["before"]["roc_auc"] - 0.1


def test_too_little_traffic_is_said_not_hidden(reference, reference_days, config):
    found = report_of(reference, reference_days, days_of(FIRST_LIVE_DAY, [{}] * 3, seed=6, rows=50), config)
    assert (found["status"], found["judged_days"]) == ("ok", 0)
    assert found["headline"].startswith("Nothing could be judged: no window of the 3 days")
    assert columns_of(found)["temp"]["peak"] is None


def test_the_report_is_strict_json_with_the_worst_columns_pictured(reference, reference_days, config):
    found = report_of(reference, reference_days, days_of(FIRST_LIVE_DAY, [{"shift": 2.0}] * 4, seed=7), config)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [column["name"] for column in found["columns"]] == ["prediction", "temp", "carrier"]
    assert all("overlay" in column for column in found["columns"])
    assert found["columns"][0]["daily"]["ratio"][0] is not None
    assert columns_of(found)["carrier"]["period"]["wasserstein"] is None
