from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipelines import small_run
from stillroom.compression.folds import ROW
from stillroom.compression.settings import CompressConfig
from stillroom.pipelines.compress import nodes
from stillroom.serving.model import Model
from stillroom.table.encoding import encode, feeds
from stillroom.table.split import part
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.fit import build_network, predict
from training import small

ADAMW = {"_target_": "torch.optim.AdamW", "lr": 0.01}


def compress(**changes: Any) -> CompressConfig:
    declared = {
        "out_of_fold": {"teachers": ["trees"], "folds": 2, "max_epochs": 1, "trees": {"max_rounds": 20, "threads": 1}},
        "student": {
            **small.model(widths=[32, 32]).model_dump(by_alias=True),
            "optimizer": ADAMW,
            "max_epochs": 2,
            "batch_size": 64,
            "patience": 5,
        },
        "prune": {"ratios": [0.25, 0.5], "members": [2], "optimizer": ADAMW, "max_epochs": 1},
        "quantise": {"methods": ["static_qdq"], "calibration_rows": 100},
        "parity_rows": 50,
    }
    return CompressConfig.model_validate(declared | changes)


def candidates(task: str, folder: Path) -> tuple[dict[str, Any], dict[str, float], dict[str, Any]]:
    """All float candidates of the small table through the pipeline's own nodes."""
    table, encoding, config = small_run.training_table(task), small_run.encoding(task), compress()
    recipe = small.recipe(folder)
    trainer, optimizer = recipe.trainer, recipe.optimizer.optimizer
    declared = small.teacher()
    teacher = Checkpoint(small.model("tabm"), build_network(small.model("tabm"), encoding, 1).state_dict())
    labels = nodes.label_out_of_fold(
        teacher, table, encoding, small_run.spec(task), declared, optimizer, None, trainer, config, 1
    )
    more = nodes.augment_transfer_set(teacher, table, encoding, declared, optimizer, None, trainer, config, 1).lazy()
    student = nodes.distil_student(table, labels.lazy(), more, encoding, trainer, config, None, 1)
    pruned, _ = nodes.prune_student(teacher, student, table, labels.lazy(), more, encoding, trainer, config, None, 1)
    parity_rows = nodes.pick_parity_rows(table, encoding, config)
    quality = {"fingerprint": "d" * 8}
    models, parity = nodes.export_candidates(
        teacher, student, pruned, parity_rows, encoding, small_run.spec(task), quality, "c" * 8, config
    )
    return models, parity, {"student": student.network(encoding), **pruned}


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_each_step_gives_a_candidate_that_answers_as_its_network_and_is_smaller_than_the_step_before(
    task: str, tmp_path: Path
) -> None:
    models, parity, networks = candidates(task, tmp_path)

    assert list(models) == list(parity) == ["teacher", "student", "pruned_25", "pruned_50", "teacher_members_2"]
    assert max(parity.values()) <= 1e-4 * small_run.encoding(task).target.scale
    sizes = [len(models[name].SerializeToString()) for name in ("student", "pruned_25", "pruned_50")]
    assert sizes == sorted(sizes, reverse=True)
    rows = part(small_run.training_table(task), "test").collect()
    encoding = small_run.encoding(task)
    for name, network in networks.items():
        served = Model(models[name].SerializeToString())
        expected = predict(network, encode(rows.lazy(), encoding))
        np.testing.assert_allclose(served.predict(feeds(rows, encoding)), expected, atol=1e-4 * encoding.target.scale)
        assert served.signature.candidate == name
        assert (served.signature.data_version, served.signature.git_commit) == ("d" * 8, "c" * 8)
        assert served.signature.spec_hash == small_run.spec(task).fingerprint


def test_without_folds_the_runs_own_teacher_labels_the_rows_and_none_is_trained_anew(tmp_path: Path) -> None:
    table, encoding, spec = (f("multiclass") for f in (small_run.training_table, small_run.encoding, small_run.spec))
    teacher = Checkpoint(small.model("tabm"), build_network(small.model("tabm"), encoding, 1).state_dict())
    whole = compress(out_of_fold={"teachers": ["model"], "folds": 1, "max_epochs": 1})
    recipe = small.recipe(tmp_path)
    labels = nodes.label_out_of_fold(
        teacher, table, encoding, spec, small.teacher(), recipe.optimizer.optimizer, None, recipe.trainer, whole, 1
    )
    train = part(table, "train")
    np.testing.assert_array_equal(labels.drop(ROW).to_numpy(), teacher.predict(train, encoding))
    assert labels[ROW].to_list() == list(range(train.collect().height))


def test_parity_rows_are_test_rows_with_missing_and_unseen_values_in_every_column() -> None:
    table, encoding = small_run.training_table("multiclass"), small_run.encoding("multiclass")
    rows = nodes.pick_parity_rows(table, encoding, compress())
    test = part(table, "test").head(50).collect()
    assert rows["target"].to_list() == test["target"].to_list()
    for name in small.NUMERIC:
        assert rows[name].null_count() >= 5
        kept = rows[name].is_not_null()
        assert rows[name].filter(kept).to_list() == test[name].filter(kept).to_list()
    for name in small.CATEGORICAL:
        assert (rows[name] == "never seen before").sum() == 5


@pytest.mark.parametrize("ratio", [0, 1, 1.5, -0.5])
def test_a_ratio_that_prunes_nothing_or_all_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match="ratios"):
        compress(prune={"ratios": [ratio], "optimizer": ADAMW, "max_epochs": 1})
