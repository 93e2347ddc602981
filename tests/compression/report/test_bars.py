import re

import pytest

from stillroom.compression.report import candidate_bars

from .findings import MADE, evidence


def test_each_candidate_has_bars_as_long_as_its_share_of_the_largest():
    found = evidence("binary")
    rows = candidate_bars(found.measurements, found.choice).split("<tr")[2:]
    names = [re.search(r"<td[^>]*>(\w+)</td>", row).group(1) for row in rows]
    bars = {
        name: [float(w) for w in re.findall(r" width: ([\d.]+)px", row)] for name, row in zip(names, rows, strict=True)
    }

    assert names[0] == "teacher", "the best comes first"
    assert bars.keys() == MADE.keys()
    assert bars["teacher"] == [90.0, 90.0, 90.0]
    assert bars["student"] == pytest.approx([4.5, 1.35, 1.35], abs=0.051)


def test_the_chosen_one_stands_out():
    found = evidence("binary")
    rows = candidate_bars(found.measurements, found.choice).split("<tr")[2:]
    assert ["bold" in row for row in rows] == [f">{found.choice.chosen}<" in row for row in rows]
