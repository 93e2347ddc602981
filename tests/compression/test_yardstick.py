import numpy as np
import pytest

from stillroom.compression.yardstick import yardsticks
from stillroom.table.encoding import encode
from stillroom.training.teachers.trees import TreesTeacher
from stillroom.training.trees import TreesConfig, fit_trees
from training import small

TREES = TreesConfig(max_rounds=40, threads=1)


@pytest.mark.parametrize("task", small.TASKS)
def test_the_yardsticks_are_the_trivial_answer_lightgbm_and_a_teacher_that_is_no_network(task: str) -> None:
    encoding = small.encoding(task)
    parts = {name: small.table(task, seed=seed).lazy() for seed, name in enumerate(("train", "validation", "test"))}
    train, validation, test = (encode(parts[name], encoding) for name in ("train", "validation", "test"))
    stump = TreesTeacher(fit_trees(train, validation, encoding, TreesConfig(max_rounds=1, threads=1), seed=0))

    found = yardsticks(parts, encoding, TREES, stump, batch_size=100, seed=0)

    truth, known = test["target"], train["target"]
    if task == "regression":
        assert found["trivial"]["rmse"] == pytest.approx(np.sqrt(np.mean((truth - known.mean()) ** 2)), rel=1e-5)
        assert found["lightgbm"]["rmse"] < 0.8 * found["trivial"]["rmse"]
    else:
        shares = np.bincount(known.astype(int)) / len(known)
        assert found["trivial"]["log_loss"] == pytest.approx(-np.log(shares[truth.astype(int)]).mean(), rel=1e-4)
        assert found["lightgbm"]["log_loss"] < 0.8 * found["trivial"]["log_loss"]
        if task == "binary":
            assert found["trivial"]["roc_auc"] == 0.5
    assert found["teacher"]["size_kb"] < found["lightgbm"]["size_kb"]
    assert found["teacher"]["single_us"] > 0
    assert "size_kb" not in found["trivial"]
