"""What time does to a model: damage that a new one repairs, drift that it does not, and nothing at all."""

import json

import pytest
from click.testing import Result

from conftest import Project
from loop.shop import DAYS, PARAMS, champion, write_orders
from stillroom import cli


def looped(project: Project, params: str = "") -> Result:
    """`kedro loop --once` in this process."""
    result = project.invoke(cli.loop, "--once", "--params", f"{PARAMS}{params}")
    assert result.exit_code == 0, f"{result.output[-2000:]}\n{result.exc_info}"
    return result


def decision(project: Project) -> dict[str, object]:
    return dict(json.loads((project.path / "data/08_reporting/shop/decision.json").read_text()))


@pytest.mark.slow
def test_drift_that_a_model_of_the_new_days_alone_is_no_better_at_keeps_the_champion(shop: Project) -> None:
    before = champion(shop)
    write_orders(shop, DAYS, "inputs")

    first = looped(shop, ",retrain.train_days=2,retrain.validation_days=1")
    decided = decision(shop)
    again = looped(shop, ",retrain.train_days=2,retrain.validation_days=1")

    assert (decided["verdict"], decided["window"]) == (
        "retrain",
        {"kind": "time", "train": "2024-02-23", "validation": "2024-02-25", "test": "2024-02-26", "live": "2024-03-01"},
    )
    assert f"kept; the champion is {before['tag']}" in first.output
    assert f"The gate: not better than {before['tag']} by more than noise; it stays" in first.output
    assert champion(shop) == before
    assert "warned; " in again.output
    assert "The last attempt knew all but 0 of the labelled days; the next waits for 7 new ones." in again.output


@pytest.mark.slow
def test_time_that_passes_without_damage_raises_no_alarm(shop: Project) -> None:
    before = champion(shop)
    early = looped(shop)
    write_orders(shop, DAYS)

    result = looped(shop)

    assert "No row has come since the champion was made." in early.output
    assert f"healthy; the champion is {before['tag']}" in result.output
    assert decision(shop)["verdict"] == "healthy"
    assert decision(shop)["last_day"] == "2024-02-29"
    assert champion(shop) == before
