import numpy as np
import pytest

from stillroom.table.encoding import encode
from stillroom.table.metrics import main_score
from stillroom.training.teachers.trees import TreesTeacher
from stillroom.training.trees import TreesConfig, fit_trees
from training import small


@pytest.mark.parametrize("task", small.TASKS)
def test_trees_learn_every_task_and_repeat_themselves(task: str) -> None:
    data = small.rows(task)
    train, held_out = encode(data.train, data.encoding), encode(data.validation, data.encoding)
    config = TreesConfig(max_rounds=50, threads=1, min_data_in_leaf=20)
    booster, again = (fit_trees(train, held_out, data.encoding, config, seed=1) for _ in range(2))
    answers = TreesTeacher(booster).predict(data.validation, data.encoding)
    assert answers.shape == ((200, 3) if task == "multiclass" else (200,))
    assert answers.dtype == np.float32
    np.testing.assert_array_equal(answers, TreesTeacher(again).predict(data.validation, data.encoding))
    figure = main_score(task, held_out["target"], answers)
    assert figure < 0.7 * held_out["target"].std() if task == "regression" else figure > 0.6


def test_a_small_table_is_not_one_leaf() -> None:
    data = small.rows("binary", train=100)
    train, held_out = encode(data.train, data.encoding), encode(data.validation, data.encoding)
    config = TreesConfig(max_rounds=20, threads=1, min_data_in_leaf=100)
    booster = fit_trees(train, held_out, data.encoding, config, seed=1)
    answers = TreesTeacher(booster).predict(data.validation, data.encoding)
    assert main_score("binary", held_out["target"], answers) > 0.75


def test_trees_stop_early_and_answer_as_of_their_best_round() -> None:
    data = small.rows("binary")
    train, held_out = encode(data.train, data.encoding), encode(data.validation, data.encoding)
    config = TreesConfig(max_rounds=400, patience=10, learning_rate=0.3, threads=1, min_data_in_leaf=5)
    booster = fit_trees(train, held_out, data.encoding, config, seed=1)
    assert booster.best_iteration < 400
    best = booster.best_score["valid_0"]["auc"]
    answers = TreesTeacher(booster).predict(data.validation, data.encoding)
    assert main_score("binary", held_out["target"], answers) == pytest.approx(best, abs=1e-6)


def test_categories_are_sets_and_not_numbers() -> None:
    data = small.rows("binary")
    train = encode(data.train, data.encoding)
    booster = fit_trees(train, train, data.encoding, TreesConfig(max_rounds=10, threads=1), seed=1)
    decisions = {node for tree in booster.dump_model()["tree_info"] for node in _decisions(tree["tree_structure"])}
    assert (3, "==") in decisions or (4, "==") in decisions


def _decisions(node: dict) -> set[tuple[int, str]]:
    if "split_feature" not in node:
        return set()
    here = {(node["split_feature"], node["decision_type"])}
    return here | _decisions(node["left_child"]) | _decisions(node["right_child"])
