import pytest

from compression.report.findings import evidence
from stillroom.notebook.results import Results


def test_data_is_there_by_name():
    results = Results({"quality": {"rows": 3}})
    assert results["quality"] == {"rows": 3}
    assert list(results) == ["quality"]


def test_what_the_run_did_not_make_is_said_with_what_it_made():
    with pytest.raises(KeyError, match="choice: the run made no such data; it made quality, encoding"):
        Results({"quality": 1, "encoding": 2})["choice"]


def test_the_candidates_are_a_table():
    found = evidence("binary")
    shown = Results({"measurements": found.measurements, "choice": found.choice}).candidates
    assert "student" in shown.data
