import datetime as dt
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from stillroom.monitoring.page import drift_page
from stillroom.monitoring.report import drift_report

from .days import FIRST_LIVE_DAY, days_of, views, whole
from .test_report import quality_of


class Elements(HTMLParser):
    """Counts elements and refuses what does not close."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def elements(page):
    parser = Elements()
    parser.feed(page)
    assert parser.open == []
    return parser.seen


@pytest.fixture
def live():
    return days_of(FIRST_LIVE_DAY, [{}] * 5 + [{"shift": 1.5}] * 5, seed=1)


@pytest.fixture
def report(reference, reference_days, live, config):
    return drift_report(
        reference,
        views(reference_days),
        views(live),
        task="binary",
        config=config,
        quality=quality_of(live, reference_days, config),
    )


def test_the_page_says_the_verdict_and_pictures_every_day(report):
    page = drift_page(report, "Flights")
    found = elements(page)
    assert report["headline"] in page
    assert "Quality held" in page
    cells = [attrs for tag, attrs in found if tag == "td" and attrs.get("title", "").startswith("temp, 2013-12-")]
    assert len(cells) == 10
    assert cells[0]["class"] in ("s0", "s1", "s2", "s3")
    assert cells[-1]["class"] == "s7 alarm"
    assert sum(tag == "polygon" for tag, _ in found) >= 3


def test_the_page_needs_no_network(report):
    page = drift_page(report)
    assert not re.search(r"https?://|//cdn|<script|<link|@import|url\(", page)
    assert len(page) < 200_000


def test_a_report_read_back_from_json_gives_the_same_page(report):
    assert drift_page(json.loads(json.dumps(report))) == drift_page(report)


def test_names_and_categories_from_the_data_are_escaped(config):
    evil = "<script>alert(1)</script>"
    days = days_of(FIRST_LIVE_DAY, [{}] * 4, seed=2)
    renamed = [(date, {evil: columns["carrier"], "temp": columns["temp"]}) for date, columns in days]
    for _, columns in renamed:
        columns[evil] = np.where(columns[evil] == "UA", '"><img src=x>', columns[evil])
    page = drift_page(drift_report(whole(renamed), [], views(renamed), task="binary", config=config))
    assert "<script" not in page
    assert "<img" not in page
    elements(page)


def test_a_report_without_labels_or_enough_rows_still_gives_a_page(reference, config):
    few = days_of(FIRST_LIVE_DAY, [{}], seed=3, rows=20)
    page = drift_page(drift_report(reference, [], views(few), task="binary", config=config))
    elements(page)
    assert "No predictions were kept for these days." in page
    assert "Nothing could be judged" in page


def test_the_page_tells_what_drifted_columns_weigh_and_whether_rows_can_be_told_apart(report):
    weights = {"metric": "roc_auc", "rows": 4_000, "importance": {"temp": 0.03, "carrier": 0.01}, "weighed": {}}
    domain = {"auc": 0.7312, "low": 0.71, "high": 0.75, "rows": 5_000, "columns": {"temp": 0.9, "carrier": 0.1}}
    plain, page = drift_page(report), drift_page(report, "Flights", weights, domain)
    elements(page)
    rows = {name: re.findall(r"<td[^>]*>(.*?)</td>", row) for name, row in _rows_of_all_columns(page)}
    assert (rows["temp"][3], rows["carrier"][3], rows["prediction"][3]) == ("75.0%", "25.0%", "")
    (reason,) = [row for row in re.findall(r"<tr>(.*?)</tr>", page, re.S) if 'class="ticket">temp<' in row]
    assert "<td>75.0%</td>" in reason
    assert "of its ROC AUC where a column" in page
    assert "on 4,000 held-out rows" in page
    assert "with ROC AUC 0.731 (0.710 to 0.750, 5,000 rows of each)" in page
    assert "by temp (90.0%), carrier (10.0%)" in page
    assert "Weight" not in plain
    assert 'id="rows"' not in plain


def test_new_values_are_not_known_where_the_reference_has_too_many_and_the_rest_is_judged_all_the_same(config):
    def days(first, commons):
        """Each day so many rows of one common customer, and 600 who never come again."""
        return [
            (day, {"customer": np.array(["UA"] * common + [f"{day} {i}" for i in range(600)], dtype=object)})
            for day, common in ((first + dt.timedelta(number), common) for number, common in enumerate(commons))
        ]

    before = days(dt.date(2013, 10, 1), [600] * 30)
    live = days(FIRST_LIVE_DAY, [600] * 9 + [50] * 9)
    report = drift_report(whole(before), views(before), views(live), task="binary", config=config)
    (customer,) = report["columns"]
    assert (customer["drifted"], customer["began"], customer["peak"]["cause"]) == (True, "2013-12-10", "js")
    assert customer["windows"][0]["strangers"] == [None] * 18
    assert customer["period"]["strangers"] is None
    assert "<td>not known</td>" in drift_page(report)


def _rows_of_all_columns(page):
    table = page[page.index('id="all"') :]
    return re.findall(r'<tr>(?=<td title="([^"]+)")(.*?)</tr>', table, re.S)
