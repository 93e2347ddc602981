import logging
import os
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stillroom.serving.drift_file import DriftFile

SERIES = """\
# TYPE stillroom_monitor_drift_ratio gauge
stillroom_monitor_drift_ratio{table="flights",column="temp"} 1.5
"""


def shown(file: DriftFile) -> dict[str, float]:
    families = text_string_to_metric_families(file.series())
    return {sample.name.removeprefix("stillroom_"): sample.value for each in families for sample in each.samples}


def test_the_series_of_the_file_are_shown_with_its_age(tmp_path: Path) -> None:
    path = tmp_path / "drift.prom"
    path.write_text(SERIES)
    os.utime(path, (1000.0, 1000.0))
    expected = {"monitor_drift_ratio": 1.5, "drift_file_error": 0.0, "drift_file_modified_seconds": 1000.0}

    assert shown(DriftFile(path)) == expected


def test_a_file_that_was_replaced_is_read_again(tmp_path: Path) -> None:
    path, new = tmp_path / "drift.prom", tmp_path / "new"
    path.write_text(SERIES)
    file = DriftFile(path)
    assert shown(file)["monitor_drift_ratio"] == 1.5

    new.write_text(SERIES.replace("1.5", "0.5"))
    new.replace(path)
    assert shown(file)["monitor_drift_ratio"] == 0.5


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "No such file"),
        ("this is no series", "could not convert|Invalid|expected|not enough"),
        ("# TYPE stillroom_requests counter\nstillroom_requests_total 1\n", "it holds stillroom_requests, expected"),
        (b"\xff\xfe", "can't decode"),
    ],
)
def test_what_cannot_be_shown_is_an_error_told_once(
    text: str | bytes | None, sentence: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "drift.prom"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    file = DriftFile(path)
    with caplog.at_level(logging.ERROR):
        found = [shown(file) for _ in range(3)]

    assert [each["drift_file_error"] for each in found] == [1.0] * 3
    assert not any("monitor_drift_ratio" in each for each in found)
    assert all(("drift_file_modified_seconds" in each) == (text is not None) for each in found)
    assert len(caplog.records) == 1
    assert re.search(sentence, caplog.text)


def test_a_file_that_is_gone_or_broken_takes_its_series_along(tmp_path: Path) -> None:
    path = tmp_path / "drift.prom"
    path.write_text(SERIES)
    file = DriftFile(path)
    assert "monitor_drift_ratio" in shown(file)

    path.write_text("broken {")
    assert "monitor_drift_ratio" not in shown(file)
    path.unlink()
    assert "monitor_drift_ratio" not in shown(file)
    path.write_text(SERIES)
    assert shown(file)["drift_file_error"] == 0
