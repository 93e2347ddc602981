"""The PromQL of the project: of the dashboard's panels and of the rules."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from deploy.programs import DEPLOY

DASHBOARD = json.loads((DEPLOY / "grafana/provisioning/dashboards/stillroom.json").read_text())
NAME = re.compile(r"\b(?:[a-z_]+:)?stillroom_[a-z_]+(?::[a-z0-9_]+)?\b")


def rules(kind: str) -> dict[str, str]:
    """Expression by name of the rules of a kind, `record` or `alert`."""
    files = sorted((DEPLOY / "prometheus/rules").glob("*.yml"))
    found = [rule for file in files for group in yaml.safe_load(file.read_text())["groups"] for rule in group["rules"]]
    return {rule[kind]: rule["expr"] for rule in found if kind in rule}


def panels() -> Iterator[tuple[str, str]]:
    """Title and expression of every query of the dashboard, and of what its variables and annotations ask."""
    for panel in DASHBOARD["panels"]:
        yield from ((panel["title"], target["expr"]) for target in panel.get("targets", []))
    yield from ((each["name"], each["expr"]) for each in DASHBOARD["annotations"]["list"])
    for variable in DASHBOARD["templating"]["list"]:
        yield variable["name"], re.fullmatch(r"label_values\((.*), \w+\)", variable["query"]["query"])[1]


def filled_in(expression: str, values: dict[str, Any]) -> str:
    """An expression of the dashboard with its variables' values, as Grafana asks it."""
    for name, value in values.items():
        expression = re.sub(rf"\${name}\b", str(value), expression)
    assert "$" not in expression, expression
    return expression


def names(expression: str) -> set[str]:
    """The names of our series in an expression."""
    return set(NAME.findall(expression))
