from dataclasses import replace

import numpy as np
import pytest

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.report import learning_figure, pareto_figure
from stillroom.compression.report.calibration import calibration_pictures, reliability
from stillroom.compression.report.curves import curve_pictures
from stillroom.compression.report.evidence import candidates
from stillroom.compression.report.pareto import pareto_picture, stairs

from .findings import evidence


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_better_is_further_up_and_faster_further_left(task):
    dots = {dot["name"]: dot for dot in pareto_picture(evidence(task))["dots"]}
    assert dots["teacher"]["top"] < dots["student"]["top"] < dots["student_dynamic"]["top"]
    assert dots["student"]["left"] < dots["student_dynamic"]["left"] < dots["teacher"]["left"]


def test_the_latency_is_that_of_the_declared_batch_with_its_interval_as_whisker():
    picture = pareto_picture(evidence("binary"))
    across = {text: place for place, text in picture["across"]}
    teacher = next(dot for dot in picture["dots"] if dot["name"] == "teacher")
    assert picture["batch"] == "1,000 rows"
    assert teacher["left"] == pytest.approx(across["200 ms"])
    assert teacher["whisker"][0] < teacher["left"] < teacher["whisker"][1]


def test_what_the_budget_rules_out_begins_at_its_limits():
    found = evidence("regression")
    assert (pareto_picture(found)["longest"], pareto_picture(found)["worst"]) == (None, None)

    limited = replace(found, budget=BudgetConfig(max_batch_latency_us=50_000, max_quality_loss=0.1))
    picture = pareto_picture(limited)
    dots = {dot["name"]: dot for dot in picture["dots"]}
    assert dots["student_dynamic"]["left"] < picture["longest"] < dots["teacher"]["left"]
    assert dots["teacher"]["top"] < picture["worst"] < dots["student"]["top"]

    of_cost = BudgetConfig(max_cost_per_million=BudgetConfig().cost_per_million(50_000, 1000))
    assert pareto_picture(replace(found, budget=of_cost))["longest"] == picture["longest"]


def test_a_limit_far_beyond_all_candidates_is_left_out():
    far = replace(evidence("binary"), budget=BudgetConfig(max_batch_latency_us=1e9, max_quality_loss=0.99))
    assert (pareto_picture(far)["longest"], pareto_picture(far)["worst"]) == (None, None)


def test_the_line_leaves_out_who_is_on_the_front_for_the_size_alone():
    found = evidence("binary")
    shown = candidates(found.measurements, found.choice.verdicts, found.choice.metric)
    assert [c.name for c in shown if c.on_front] == ["teacher", "student", "student_dynamic"]
    assert [c.name for c in stairs(shown, "roc_auc")] == ["student", "teacher"]


def test_the_area_of_a_dot_is_the_size_of_the_file():
    dots = {dot["name"]: dot for dot in pareto_picture(evidence("binary"))["dots"]}
    assert dots["teacher"]["wide"] == 1
    assert dots["student"]["wide"] ** 2 == pytest.approx(50 / 1000, abs=1e-3)


def test_the_kept_epoch_is_the_best_of_the_validation_metric():
    pictures = {picture["title"]: picture for picture in curve_pictures(evidence("binary").histories)}
    best = pictures["ROC AUC on the validation split"]["lines"]
    assert best["teacher"]["text"] == "teacher, epoch 3: 0.7000"
    assert pictures["Training loss"]["lines"]["teacher"]["text"] == "teacher, epoch 3: 0.6000"
    less = {picture["title"]: picture for picture in curve_pictures(evidence("regression").histories)}
    assert less["RMSE on the validation split"]["lines"]["teacher"]["text"] == "teacher, epoch 1: 0.5000"


def test_reliability_says_how_often_came_true_what_was_said():
    said = np.repeat([0.1, 0.9], 100)
    came = np.array([1.0] * 20 + [0.0] * 80 + [1.0] * 70 + [0.0] * 30)
    bins = reliability(said, came)
    assert len(bins) == 10
    assert bins[0][:2] == (pytest.approx(0.1), 1.0)
    assert np.average([share for _, share, _ in bins[5:]], weights=[rows for *_, rows in bins[5:]]) == pytest.approx(
        0.7
    )


def test_a_sharp_multiclass_model_lies_on_the_diagonal():
    (picture,) = calibration_pictures(evidence("multiclass"))
    last = picture["lines"]["teacher"][-1]["at"]
    assert last[0] + last[1] == pytest.approx(100, abs=5)


def test_a_regression_shows_actual_against_predicted_of_chosen_and_teacher():
    pictures = calibration_pictures(evidence("regression"))
    assert [picture["title"] for picture in pictures] == [
        f"Actual against predicted: {n}" for n in ("student", "teacher")
    ]
    assert all(len(picture["scatter"]) == 400 for picture in pictures)


def test_the_figures_for_kedro_viz_hold_every_candidate_and_epoch():
    found = evidence("binary")
    pareto = pareto_figure(found.measurements, found.choice, found.budget)
    assert {name for trace in pareto.data[1:] for name in trace.text} == {"teacher", "student", "student_dynamic"}
    assert pareto.data[1].text == ("student",)
    assert pareto.data[1].x == (3000,)
    assert pareto.data[1].error_x.array == pytest.approx((150,))
    assert [shape.x0 for shape in pareto.layout.shapes] == []

    limited = pareto_figure(found.measurements, found.choice, BudgetConfig(max_batch_latency_us=50_000))
    assert [shape.x0 for shape in limited.layout.shapes] == [50_000]
    learning = learning_figure(found.histories)
    assert [(trace.name, len(trace.x)) for trace in learning.data] == [("teacher", 4), ("student", 2)]
    assert learning_figure({"teacher": []}).data == ()
