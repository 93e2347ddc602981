from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from stillroom.compression.distil import Teaching, learn, soft_labels
from stillroom.compression.folds import ROW, OutOfFoldConfig, with_folds
from stillroom.table.encoding import encode
from stillroom.table.metrics import main_score
from stillroom.training.fit import build_network
from training import small


def labels(task: str, folder: Path, *teachers: str) -> pl.DataFrame:
    data = small.rows(task)
    trees = {"max_rounds": 40, "threads": 1, "min_data_in_leaf": 10, "learning_rate": 0.1}
    config = OutOfFoldConfig.model_validate({"teachers": teachers, "folds": 2, "max_epochs": 2, "trees": trees})
    teaching = Teaching(data.validation, data.encoding, small.teacher(), small.recipe(folder), config)
    return soft_labels(with_folds(data.train, small.spec(task), config, seed=0), teaching)


@pytest.mark.parametrize("task", small.TASKS)
def test_labels_of_trees_rank_rows_they_have_not_seen(task: str, tmp_path: Path) -> None:
    found = labels(task, tmp_path, "trees")
    classes = 3 if task == "multiclass" else 1
    assert found.columns == [ROW, *(f"soft_target_{i}" for i in range(classes))]
    assert found[ROW].to_list() == list(range(400))
    target = encode(small.table(task).lazy(), small.encoding(task))["target"]
    answers = found.drop(ROW).to_numpy()
    figure = main_score(task, target, answers if classes > 1 else answers[:, 0])
    assert figure < 0.8 * target.std() if task == "regression" else figure > 0.5


def test_the_labels_of_several_teachers_are_their_mean(tmp_path: Path) -> None:
    trees, network, both = (
        labels("binary", tmp_path, *teachers)["soft_target_0"].to_numpy()
        for teachers in (("trees",), ("model",), ("model", "trees"))
    )
    np.testing.assert_allclose(both, (trees + network) / 2, atol=1e-6)
    assert np.abs(trees - network).max() > 0.05


def test_labels_repeat_themselves(tmp_path: Path) -> None:
    first, again = (labels("multiclass", tmp_path, "model", "trees") for _ in range(2))
    assert first.equals(again)


def test_each_row_learns_from_its_own_label(tmp_path: Path) -> None:
    data = small.rows("binary")
    contrary = 1 - encode(data.train, data.encoding)["target"]
    taught = pl.DataFrame({"soft_target_0": contrary}).with_row_index(ROW)
    declared = small.recipe(tmp_path, soft_weight=1.0, max_epochs=4, patience=9)
    for given in (taught, taught.sample(fraction=1, shuffle=True, seed=0)):
        network = build_network(small.model(), data.encoding, seed=7)
        fitted = learn(network, data.train, given.lazy(), data.validation, data.encoding, declared)
        assert fitted.history[-1]["validation_roc_auc"] < 0.3, "taught the opposite, it ranks the other way round"
    hard = replace(declared, soft_weight=0.0)
    network = build_network(small.model(), data.encoding, seed=7)
    fitted = learn(network, data.train, taught.lazy(), data.validation, data.encoding, hard)
    assert fitted.history[-1]["validation_roc_auc"] > 0.7
