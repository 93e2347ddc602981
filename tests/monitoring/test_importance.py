import numpy as np
import pytest

from stillroom.monitoring.importance import permutation_importance, weighed


def test_a_column_that_the_model_does_not_use_is_not_important():
    rng = np.random.default_rng(0)
    columns = {name: rng.normal(size=2_000) for name in ("used", "half", "idle")}
    truth = columns["used"] + 0.5 * columns["half"]

    def score(given):
        return -float(np.mean((truth - given["used"] - 0.5 * given["half"]) ** 2))

    found = permutation_importance(score, columns, repeats=3, seed=0)
    assert found["idle"] == 0
    assert found["used"] == pytest.approx(2, rel=0.1)
    assert found["half"] == pytest.approx(0.5, rel=0.1)


def test_drift_weighs_by_what_the_model_makes_of_the_column():
    weights = weighed({"idle": 9.0, "used": 2.0, "unknown": 5.0}, {"used": 0.3, "idle": 0.1})
    assert list(weights) == ["idle", "used", "unknown"]
    assert weights == pytest.approx({"idle": 2.25, "used": 1.5, "unknown": 0.0})
