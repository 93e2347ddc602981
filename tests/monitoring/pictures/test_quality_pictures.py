import math

import pytest

from stillroom.monitoring.pictures.quality import figure_charts, slice_rows
from stillroom.pages import round_axis


def series(*values):
    return {"value": list(values), **{key: [v and v + d for v in values] for key, d in (("low", -0.1), ("high", 0.1))}}


def quality(**changes):
    found = {
        "metric": "roc_auc",
        "days": ["2013-12-01", "2013-12-02", "2013-12-03", "2013-12-04"],
        "rows": [10, 20, 30, 40],
        "alarm": [False, False, False, True],
        "figures": {"log_loss": series(0.5, 0.5, 0.5, 0.5), "roc_auc": series(0.7, None, 0.6, 0.5)},
        "estimate": {"figures": {"roc_auc": series(0.7, 0.7, 0.7, 0.7)}, "alarm": [False] * 4},
        "before": None,
        "limit": 0.65,
    }
    return found | changes


def test_the_main_metric_comes_first_with_its_truth_in_runs_and_its_estimate_whole():
    main, other = figure_charts(quality())
    assert (main["name"], other["name"]) == ("roc_auc", "log_loss")
    assert [len(line.split()) for line in main["truth"]["lines"]] == [1, 2]
    assert [len(line.split()) for line in main["estimate"]["lines"]] == [4]
    axis = round_axis([0.4, 0.8])
    assert main["truth"]["lines"][0] == f"12.50,{axis.top(0.7)}"
    assert main["limit"] == axis.top(0.65)
    assert other["limit"] is None
    assert other["estimate"] is None


def test_only_the_main_metric_s_days_are_marked_and_each_tells_both_figures():
    main, other = figure_charts(quality())
    assert [cell["alarm"] for cell in main["cells"]] == [False, False, False, True]
    assert not any(cell["alarm"] for cell in other["cells"])
    assert main["cells"][0]["text"] == (
        "2013-12-01, 10 labelled rows in the window; by labels 0.700 (0.600 to 0.800); estimated 0.700 (0.600 to 0.800)"
    )
    assert main["cells"][1]["text"].endswith("window; estimated 0.700 (0.600 to 0.800)")


def test_before_labels_come_there_is_the_estimate_alone():
    (main,) = figure_charts(quality(figures=None, estimate={**quality()["estimate"], "alarm": [True] * 4}))
    assert main["truth"] is None
    assert all(cell["alarm"] for cell in main["cells"])


def test_slices_lie_on_one_axis_with_all_rows_and_what_they_were():
    each = {"value": 0.5, "low": 0.4, "high": 0.6, "before": {"value": 0.9}, "said": 0.25, "came": 0.5}
    found = slice_rows(quality(slices={"worst": [each, {**each, "before": None}]}, whole={"roc_auc": {"value": 0.7}}))
    first, second = found["rows"]
    assert first["place"]["low"] < first["place"]["value"] < first["place"]["high"] < found["overall"] < first["was"]
    assert second["was"] is None
    assert (first["said"], first["came"]) == ("25.0%", "50.0%")
    assert slice_rows(quality(slices=None)) is None


@pytest.mark.parametrize("figures", [{"roc_auc": series(None, None, None, None)}])
def test_days_of_too_few_rows_draw_nothing(figures):
    (main,) = figure_charts(quality(figures=figures, estimate=None, limit=None))
    assert main["truth"] == {"lines": [], "bands": []}
    assert all(math.isfinite(place) for place, _ in main["upward"])
