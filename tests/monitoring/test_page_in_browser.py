from dataclasses import replace

import numpy as np
import pytest

from chromium import chromium, opened
from stillroom.monitoring.page import drift_page
from stillroom.monitoring.quality import quality_report
from stillroom.monitoring.report import drift_report
from stillroom.monitoring.settings import MonitorConfig

from .days import FIRST_LIVE_DAY, days_of, views
from .quality import rows
from .test_report import outcomes_of

pytestmark = pytest.mark.slow
CONFIG = MonitorConfig(window_days=(3,), bootstrap=40)


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def page_file(reference, reference_days, tmp_path_factory):
    """A month in which an input drifts and quality is lost; labels of the last eight days have not come."""
    live = days_of(FIRST_LIVE_DAY, [{}] * 10 + [{"shift": 1.5}] * 20, seed=1)
    outcomes = outcomes_of(live)
    target = np.where(np.arange(len(outcomes)) < 15_000, outcomes.target, outcomes_of(live, flipped=True).target)
    target[22_000:] = np.nan
    carrier = np.concatenate([columns["carrier"] for _, columns in live]).astype(str)
    outcomes = replace(outcomes, target=target, slices={"carrier": carrier})
    quality = quality_report(outcomes, outcomes_of(reference_days), CONFIG)
    report = drift_report(reference, [], views(live), task="binary", config=CONFIG, quality=quality)
    path = tmp_path_factory.mktemp("page") / "drift.html"
    path.write_text(drift_page(report, "Drift report: flights"))
    return path


def heading(page):
    return page.locator("h2").evaluate_all("all => all.map(h => [h.id, h.getBoundingClientRect().top])")


def test_the_page_asks_for_nothing_and_a_page_that_did_would_be_found_out(browser, page_file, tmp_path):
    with opened(browser, page_file) as page:
        assert page.asked == [page_file.as_uri()]
        assert page.problems == []
    greedy = tmp_path / "greedy.html"
    greedy.write_text(page_file.read_text() + '<img src="http://127.0.0.1:9/pixel.png">')
    with opened(browser, greedy) as page:
        assert page.asked == [greedy.as_uri(), "http://127.0.0.1:9/pixel.png"]


def test_the_verdict_comes_first_then_the_heat_map_the_reasons_quality_and_slices(browser, page_file):
    with opened(browser, page_file) as page:
        assert page.locator(".badge").inner_text() == "Act now"
        verdict = page.locator(".verdict").bounding_box()
        assert verdict["y"] + verdict["height"] < 450
        places = heading(page)
        assert [name for name, _ in places] == ["columns", "reasons", "quality", "slices", "all", "method"]
        assert [top for _, top in places] == sorted(top for _, top in places)
        cells = page.locator(".heat tr:has(th[title=temp]) td")
        assert cells.count() == 30
        calm, drifted = cells.nth(5), cells.nth(25)
        assert "s7" in drifted.get_attribute("class")
        assert colour(calm) != colour(drifted)
        first = page.locator(".reasons tr").nth(1).inner_text()
        assert first.startswith("Quality lost")


def test_truth_and_estimate_are_drawn_side_by_side_and_the_estimate_goes_on(browser, page_file):
    with opened(browser, page_file) as page:
        truth, estimate = (page.locator(f".main polyline.{name}").bounding_box() for name in ("truth", "estimate"))
        assert truth["height"] > 50 > 5 * estimate["height"] / 2
        assert estimate["x"] + estimate["width"] > truth["x"] + truth["width"] + 50
        assert page.locator("#quality ~ figure .key").first.inner_text().startswith("live, by labels")
        assert "blind to concept drift" in page.locator("body").inner_text()
        assert page.locator(".forest .band").count() == 3


@pytest.mark.parametrize("width", [360, 760, 1600])
def test_nothing_is_wider_than_the_window(browser, page_file, width):
    with opened(browser, page_file, width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        box = page.locator(".main polyline.truth").bounding_box()
        assert 0 < box["x"] < box["x"] + box["width"] < width


def test_at_night_the_page_is_dark(browser, page_file):
    with opened(browser, page_file, scheme="dark") as page:
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark == "rgb(21, 24, 27)"


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_every_task_and_a_single_day_of_few_rows_give_a_page(browser, reference, tmp_path, task):
    live = (
        rows.multiclass(FIRST_LIVE_DAY, 1, 1, rows=60)
        if task == "multiclass"
        else rows.regression(FIRST_LIVE_DAY, [3], 1, 60)
    )
    held_out = (
        rows.multiclass(FIRST_LIVE_DAY, 1, 2, rows=90)
        if task == "multiclass"
        else rows.regression(FIRST_LIVE_DAY, [3], 2, 90)
    )
    quality = quality_report(live, held_out, CONFIG)
    days = views(days_of(FIRST_LIVE_DAY, [{}], seed=3, rows=60))
    report = drift_report(reference, [], days, task=task, config=CONFIG, quality=quality)
    path = tmp_path / f"{task}.html"
    path.write_text(drift_page(report))
    with opened(browser, path) as page:
        assert page.asked == [path.as_uri()]
        text = page.locator("body").inner_text()
        assert ("A regression says no probabilities" in text) == (task == "regression")
        assert ("Estimated without labels" in text) == (task == "multiclass")
        assert "60 labelled rows; a window needs 1,000 to be judged" in text
        assert page.locator(".dots i").count() == 3 + 4


def colour(cell):
    return cell.evaluate("cell => getComputedStyle(cell).backgroundColor")
