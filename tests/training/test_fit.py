from pathlib import Path

import numpy as np
import pytest
import torch

from stillroom.table.encoding import encode
from stillroom.table.metrics import main_score
from stillroom.training.callbacks import TrainingError
from stillroom.training.fit import Fitted, build_network, fit, predict
from stillroom.training.module import loss_of
from training import small


def fitted(folder: Path, task: str = "binary", name: str = "mlp", rows: int = 400, **recipe) -> Fitted:
    data = small.rows(task, rows)
    return fit(build_network(small.model(name), data.encoding, seed=7), data, small.recipe(folder, **recipe))


@pytest.mark.parametrize("name", small.NETWORKS)
def test_the_same_seed_gives_the_same_figures_and_weights(name: str, tmp_path: Path) -> None:
    first, again = (fitted(tmp_path, name=name, max_epochs=2) for _ in range(2))
    assert first.history == again.history
    weights, same = first.network.state_dict(), again.network.state_dict()
    assert all(torch.equal(weights[k], same[k]) for k in weights)


@pytest.mark.parametrize("task", small.TASKS)
def test_training_beats_not_training(task: str, tmp_path: Path) -> None:
    data = small.rows(task)
    untrained = build_network(small.model(), data.encoding, seed=7)
    held_out = encode(data.validation, data.encoding)
    before = main_score(task, held_out["target"], predict(untrained, held_out))
    after = main_score(task, held_out["target"], predict(fitted(tmp_path, task, max_epochs=8).network, held_out))
    assert after < 0.6 * before if task == "regression" else after > before + 0.1


def test_the_best_epochs_weights_come_back_and_not_the_lasts(tmp_path: Path) -> None:
    growing = {"_target_": "torch.optim.lr_scheduler.ExponentialLR", "gamma": 1.3}
    learnt = fitted(tmp_path, scheduler=growing, max_epochs=5, patience=5)
    data = small.rows("binary")
    held_out = encode(data.validation, data.encoding)
    figures = [epoch["validation_roc_auc"] for epoch in learnt.history]
    assert figures.index(max(figures)) < len(figures) - 1, "a growing rate must overshoot"
    assert main_score("binary", held_out["target"], predict(learnt.network, held_out)) == pytest.approx(max(figures))
    assert not learnt.network.training


def test_the_history_has_one_entry_an_epoch_with_loss_and_metric(tmp_path: Path) -> None:
    history = fitted(tmp_path, "regression", max_epochs=3).history
    assert [epoch["epoch"] for epoch in history] == [0, 1, 2]
    assert set(history[0]) == {"epoch", "train_loss", "validation_rmse"}
    assert history[2]["train_loss"] < history[0]["train_loss"]


def test_training_stops_when_patience_ends(tmp_path: Path) -> None:
    history = fitted(tmp_path, lr=0.3, max_epochs=50, patience=2).history
    figures = [epoch["validation_roc_auc"] for epoch in history]
    assert len(figures) == figures.index(max(figures)) + 3


def test_checkpoints_are_gone_when_the_fit_is_done(tmp_path: Path) -> None:
    fitted(tmp_path, max_epochs=1)
    assert list(tmp_path.iterdir()) == []


def test_a_loss_that_is_not_a_number_ends_the_fit_with_what_to_change(tmp_path: Path) -> None:
    data = small.rows("regression")
    exploding = small.model("own", _target_="training.own.Exploding")
    with pytest.raises(TrainingError, match=r"small: .*train_loss.* became nan in epoch 0: lower the learning rate"):
        fit(build_network(exploding, data.encoding, seed=7), data, small.recipe(tmp_path))


def test_a_network_that_has_predicted_trains_with_dropout_all_the_same(tmp_path: Path) -> None:
    data, declared = small.rows("binary"), small.recipe(tmp_path, max_epochs=1)
    fresh = build_network(small.model(dropout=0.5), data.encoding, seed=7)
    used = build_network(small.model(dropout=0.5), data.encoding, seed=7).eval()
    assert fit(used, data, declared).history == fit(fresh, data, declared).history


@pytest.mark.parametrize("rows", [1, 10])
def test_fewer_rows_than_a_batch_are_one_batch(rows: int, tmp_path: Path) -> None:
    assert len(fitted(tmp_path, rows=rows, max_epochs=2).history) == 2


@pytest.mark.parametrize("epochs", [1, 9, 10, 11])
def test_one_cycle_takes_any_number_of_steps(epochs: int, tmp_path: Path) -> None:
    one_cycle = {"_target_": "torch.optim.lr_scheduler.OneCycleLR", "max_lr": 0.01, "pct_start": 0.1}
    history = fitted(tmp_path, scheduler=one_cycle, rows=50, max_epochs=epochs, patience=99).history
    assert len(history) == epochs


def test_a_schedule_that_takes_no_number_of_steps_is_stepped_every_batch(tmp_path: Path) -> None:
    halving = {"_target_": "torch.optim.lr_scheduler.ExponentialLR", "gamma": 1e-9}
    frozen = fitted(tmp_path, scheduler=halving, rows=128, max_epochs=1)
    after_one_batch = fitted(tmp_path, scheduler=None, rows=128, max_epochs=1)
    start = build_network(small.model(), small.encoding("binary"), seed=7)
    moved = [(f.network.body.head.weight - start.body.head.weight).abs().max() for f in (frozen, after_one_batch)]
    assert 0 < moved[0] < 0.75 * moved[1], "of two batches only the first may move the weights"


def test_prediction_does_not_depend_on_the_batch_size_and_takes_no_rows() -> None:
    data = small.rows("multiclass")
    network = build_network(small.model(), data.encoding, seed=7)
    encoded = encode(data.train, data.encoding)
    np.testing.assert_allclose(predict(network, encoded, 7), predict(network, encoded), atol=1e-6)
    assert predict(network, encode(data.train.head(0), data.encoding)).shape == (0, 3)


def test_the_loss_of_an_ensemble_is_the_mean_loss_of_its_members() -> None:
    torch.manual_seed(0)
    scores, target = torch.randn(20, 4, 3), torch.randint(0, 3, (20,)).float()
    members = [loss_of("multiclass", scores[:, k], target) for k in range(4)]
    assert loss_of("multiclass", scores, target).item() == pytest.approx(torch.stack(members).mean().item(), rel=1e-5)
