"""The rules by themselves: promtool's unit tests, and whether these leave any alert out."""

import subprocess
from pathlib import Path

import pytest
import yaml

from deploy.expressions import rules
from deploy.programs import DEPLOY

TESTS = Path(__file__).parent / "rules_test.yml"


@pytest.mark.parametrize(
    "command",
    [
        ["promtool", "check", "config", "prometheus/prometheus.yml"],
        ["promtool", "check", "rules", "--lint=all", "--lint-fatal", "prometheus/rules/alerts.yml"],
        ["promtool", "check", "rules", "--lint=all", "--lint-fatal", "prometheus/rules/recording.yml"],
        ["promtool", "test", "rules", str(TESTS)],
        ["amtool", "check-config", "alertmanager/alertmanager.yml"],
    ],
    ids=lambda command: " ".join(command[:3]),
)
def test_promtool_and_amtool_find_nothing_wrong(command: list[str]) -> None:
    done = subprocess.run(command, cwd=DEPLOY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_seen_quiet_and_firing() -> None:
    seen: dict[bool, set[str]] = {True: set(), False: set()}
    for test in yaml.safe_load(TESTS.read_text())["tests"]:
        for case in test.get("alert_rule_test", []):
            seen[bool(case["exp_alerts"])].add(case["alertname"])

    assert seen[True] == seen[False] == set(rules("alert"))


def test_what_pages_is_that_users_are_hurt_or_the_predictions_or_their_quality_changed() -> None:
    files = [yaml.safe_load(file.read_text()) for file in (DEPLOY / "prometheus/rules").glob("*.yml")]
    alerts = [rule for file in files for group in file["groups"] for rule in group["rules"] if "alert" in rule]
    pages = {rule["alert"].removeprefix("Stillroom") for rule in alerts if rule["labels"]["severity"] == "page"}

    hurt = {"Down", "Errors", "Slow", "Shedding"}
    assert pages == hurt | {"PredictionDrift", "QualityLost", "QualityEstimateLost"}
    assert {rule["labels"]["severity"] for rule in alerts} == {"page", "ticket"}
