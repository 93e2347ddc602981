"""Knowledge distillation's loss: hard and soft targets, their weight, the temperature."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from stillroom.table.encoding import Encoded, Encoding, encode
from stillroom.table.errors import InputError
from stillroom.training.data import Batch
from stillroom.training.examples import Examples
from stillroom.training.fit import Rows, build_network, fit
from stillroom.training.module import TableModule, loss_of
from stillroom.training.soft import softened
from training import small


def taught(task: str, rows: int = 400) -> tuple[pl.LazyFrame, np.ndarray]:
    """Rows with soft labels drawn at random, and the labels."""
    draw = np.random.default_rng(3)
    labels = draw.dirichlet(np.ones(3), rows) if task == "multiclass" else draw.random((rows, 1))
    columns = {f"soft_target_{i}": labels[:, i].astype(np.float32) for i in range(labels.shape[1])}
    return small.table(task, rows).with_columns(**{k: pl.Series(v) for k, v in columns.items()}).lazy(), labels


def soft_encoded(frame: pl.LazyFrame, encoding: Encoding, temperature: float) -> Encoded:
    """All rows as training takes them."""
    examples = Examples.of([frame], encoding, temperature)
    return examples.arrays(examples.query.collect())


def loss(task: str, scores: torch.Tensor, weight: float, temperature: float) -> float:
    """The module's loss on all rows."""
    frame, _ = taught(task)
    encoded = soft_encoded(frame, small.encoding(task), temperature)
    network = build_network(small.model(), small.encoding(task), seed=1)
    module = TableModule(network, small.recipe(Path()).optimizer, None, weight, temperature)
    batch = Batch({}, torch.from_numpy(encoded["target"]), torch.from_numpy(encoded["soft"]))
    return module._loss(scores, batch).item()


def random_scores(task: str) -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(400, small.encoding(task).target.outputs)


@pytest.mark.parametrize("task", small.TASKS)
def test_the_loss_is_the_weighted_sum_of_the_hard_and_the_soft_loss(task: str) -> None:
    scores, encoding = random_scores(task), small.encoding(task)
    encoded = soft_encoded(taught(task)[0], encoding, 1.0)
    target = encoding.target
    hard, soft = (
        loss_of(task, scores, (torch.from_numpy(encoded[name]) - target.mean) / target.scale).item()
        for name in ("target", "soft")
    )
    assert loss(task, scores, 0.3, 1.0) == pytest.approx(0.3 * soft + 0.7 * hard, rel=1e-5)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_the_loss_at_a_temperature_is_hintons(task: str) -> None:
    scores, temperature = random_scores(task), 4.0
    labels = taught(task)[1].astype(np.float32)
    two = labels if task == "multiclass" else np.hstack([1 - labels, labels])
    logits = scores if task == "multiclass" else torch.cat([torch.zeros(400, 1), scores], dim=1)
    teacher = torch.softmax(torch.from_numpy(two).log() / temperature, dim=1)
    cross = -(teacher * torch.log_softmax(logits / temperature, dim=1)).sum(1).mean()
    assert loss(task, scores, 1.0, temperature) == pytest.approx(temperature**2 * cross.item(), rel=1e-4)
    assert loss(task, scores, 1.0, temperature) != pytest.approx(loss(task, scores, 1.0, 1.0), rel=0.1)


def test_the_pull_of_the_teacher_is_as_strong_at_any_temperature() -> None:
    pulls = []
    for temperature in (1.0, 2.0, 8.0):
        scores = (0.1 * random_scores("multiclass")).requires_grad_()
        torch.manual_seed(1)
        soft = torch.from_numpy(softened(torch.softmax(0.1 * torch.randn(400, 3), dim=1).numpy(), temperature))
        (temperature**2 * loss_of("multiclass", scores / temperature, soft)).backward()
        pulls.append(scores.grad.norm().item())
    assert pulls == pytest.approx([pulls[0]] * 3, rel=0.1)


def test_a_teacher_that_is_certain_can_be_softened() -> None:
    soft = softened(np.array([[1.0, 0.0], [0.5, 0.5]], np.float32), 2.0)
    assert np.isfinite(soft).all()
    assert soft[0, 0] < 1 == soft[1].sum()
    assert 0 < softened(np.array([[0.0]], np.float32), 2.0)[0, 0] < 0.01


def test_a_regression_has_no_temperature() -> None:
    with pytest.raises(InputError, match="a regression has no temperature: set the student's temperature to 1"):
        soft_encoded(taught("regression")[0], small.encoding("regression"), 2.0)


@pytest.mark.parametrize("task", small.TASKS)
def test_a_row_without_a_target_learns_from_the_teacher_alone(task: str) -> None:
    frame, labels = taught(task)
    encoding = small.encoding(task)
    unlabelled = frame.with_columns(target=pl.lit(None, frame.collect_schema()["target"]))
    encoded = soft_encoded(pl.concat([frame, unlabelled]), encoding, 1.0)
    expected = labels if task == "multiclass" else labels[:, 0]
    np.testing.assert_allclose(encoded["target"][400:], expected, atol=1e-6)
    np.testing.assert_allclose(encoded["soft"], np.concatenate([expected, expected]), atol=1e-6)
    hard = encode(frame, encoding)["target"]
    known = encoded["target"][:400]
    np.testing.assert_array_equal(known.argmax(1) if task == "multiclass" else known, hard)


def test_a_student_of_soft_targets_follows_the_teacher_and_not_the_labels(tmp_path: Path) -> None:
    data = small.rows("binary")
    contrary = data.train.with_columns(soft_target_0=1 - pl.col("target").cast(pl.Float32))
    taught = fit(
        build_network(small.model(), data.encoding, seed=7),
        Rows(contrary, data.validation, data.encoding),
        small.recipe(tmp_path, soft_weight=1.0, max_epochs=5, patience=9),
    )
    losses = [epoch["train_loss"] for epoch in taught.history]
    figures = [epoch["validation_roc_auc"] for epoch in taught.history]
    assert losses[-1] < losses[0]
    assert figures[-1] < 0.3, "taught the opposite, it must rank the other way round"


def test_synthetic_rows_are_learnt_from_too(tmp_path: Path) -> None:
    data = small.rows("binary", train=20)
    few = data.train.with_columns(soft_target_0=pl.lit(0.5))
    more = small.table("binary", seed=5).with_columns(
        soft_target_0=pl.col("target").cast(pl.Float32), target=pl.lit(None, pl.Int64)
    )
    declared = small.recipe(tmp_path, soft_weight=1.0, max_epochs=5, patience=9)
    without, with_more = (
        fit(
            build_network(small.model(), data.encoding, seed=7),
            Rows(few, data.validation, data.encoding, rows),
            declared,
        ).history[-1]["validation_roc_auc"]
        for rows in (None, more.lazy())
    )
    assert with_more > max(without, 0.8)
