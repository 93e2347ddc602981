"""Whether what the dashboard and the rules ask for is really there."""

import pytest

from deploy.conftest import Watched
from deploy.expressions import DASHBOARD, filled_in, names, panels, rules
from deploy.programs import ask, eventually

INTERVALS = {"__rate_interval": "1m"}
VARIABLES = {"job": "stillroom", "table": "flights", "figure": "roc_auc"}


@pytest.mark.slow
def test_every_panel_shows_something_and_every_rule_reads_what_exists(watched: Watched) -> None:
    for _ in range(2):
        assert all(watched.predict(task).status_code == 200 for task in watched.versions)
    silent = dict.fromkeys([filled_in(expression, INTERVALS | VARIABLES) for _, expression in panels()])

    def all_speak() -> bool:
        assert all(watched.predict(task).status_code == 200 for task in watched.versions)
        for expression in list(silent):
            if ask(watched.prometheus, expression):
                del silent[expression]
        return not silent

    try:
        eventually(all_speak, "data in every panel")
    except AssertionError as error:
        raise AssertionError(f"no data for {list(silent)}") from error

    there = {sample["metric"]["__name__"] for sample in ask(watched.prometheus, '{__name__=~".*stillroom.*"}')}
    asked = {name for kind in ("record", "alert") for expression in rules(kind).values() for name in names(expression)}
    assert len(asked) > 15
    assert asked | set(rules("record")) <= there


def test_every_recording_is_read_by_an_alert_or_a_panel_and_none_is_made_up() -> None:
    recorded = set(rules("record"))
    read = {name for _, expression in panels() for name in names(expression)}
    read |= {name for kind in ("record", "alert") for expression in rules(kind).values() for name in names(expression)}

    assert {name for name in read if ":" in name} == recorded


def test_panels_have_a_place_of_their_own_and_the_provisioned_data_source() -> None:
    cells: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        columns, rows = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        taken = {(x, y) for x in columns for y in rows}
        assert not taken & cells, panel["title"]
        assert max(columns) < 24
        cells |= taken
        assert panel["type"] == "row" or panel["datasource"]["uid"] == "prometheus"
