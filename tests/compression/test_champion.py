import numpy as np
import pytest
from pydantic import ValidationError

from stillroom.compression.champion import GateConfig, first_champion, gate
from stillroom.table.metrics import main_score
from training import small

DRAW = np.random.default_rng(0)


def rows(task: str, noise: float, size: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    """Targets, and predictions that miss them by so much noise; the targets are the same in every call."""
    truth = np.random.default_rng(1)
    target = {
        "binary": truth.integers(0, 2, size),
        "multiclass": truth.integers(0, 3, size),
        "regression": truth.normal(size=size),
    }[task]
    if task == "multiclass":
        return target, np.eye(3)[target] + noise * DRAW.normal(size=(size, 3))
    return target, target + noise * DRAW.normal(size=size)


@pytest.mark.parametrize("task", small.TASKS)
def test_only_the_better_challenger_is_promoted(task: str) -> None:
    (target, good), (_, bad), (_, alike) = rows(task, 0.4), rows(task, 0.9), rows(task, 0.4)
    better = gate(task, target, good, bad, "small:1", GateConfig())
    assert better.promoted
    assert 0 < better.low < better.gain < better.high
    assert better.gain == pytest.approx(abs(main_score(task, target, good) - main_score(task, target, bad)))
    worse = gate(task, target, bad, good, "small:1", GateConfig())
    assert not worse.promoted
    assert worse.gain == -better.gain
    assert worse.reason == "not better than small:1 by more than noise; it stays"
    assert not gate(task, target, alike, good, "small:1", GateConfig()).promoted


@pytest.mark.parametrize("task", small.TASKS)
def test_the_same_model_again_does_not_replace_itself(task: str) -> None:
    target, predictions = rows(task, 0.4)
    verdict = gate(task, target, predictions, predictions, "small:1", GateConfig())
    assert (verdict.promoted, verdict.gain, verdict.low, verdict.high) == (False, 0, 0, 0)


def test_the_bootstrap_repeats_itself_and_its_seed_matters() -> None:
    (target, good), (_, bad) = rows("binary", 0.5), rows("binary", 0.6)
    first, again, other = (gate("binary", target, good, bad, "x", GateConfig(seed=s)) for s in (1, 1, 2))
    assert first == again
    assert first.low != other.low


def test_the_interval_narrows_with_the_rows() -> None:
    widths = []
    for size in (200, 5000):
        (target, good), (_, bad) = rows("regression", 0.5, size), rows("regression", 0.6, size)
        verdict = gate("regression", target, good, bad, "x", GateConfig())
        widths.append(verdict.high - verdict.low)
    assert widths[1] < 0.5 * widths[0]


def test_samples_without_one_of_the_classes_do_not_count() -> None:
    target = np.array([1, *[0] * 30])
    good, bad = target + 0.0, 1 - target
    assert gate("binary", target, good, bad, "x", GateConfig()).promoted


def test_the_first_champion_needs_no_evidence() -> None:
    verdict = first_champion("regression", "there is no champion yet")
    assert verdict.promoted
    assert (verdict.metric, verdict.gain, verdict.champion) == ("rmse", None, None)


@pytest.mark.parametrize("wrong", [{"samples": 0}, {"confidence": 0.5}, {"confidence": 1}, {"sample": 3}])
def test_a_gate_that_decides_nothing_is_refused(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        GateConfig.model_validate(wrong)
