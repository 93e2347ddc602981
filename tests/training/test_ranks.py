"""Several ranks train as one does with the same global batch, whatever the strategy."""

import shutil
from pathlib import Path

import pytest
import torch

from stillroom.table.encoding import encode
from stillroom.table.metrics import main_score
from stillroom.training.fit import Fitted, build_network, fit, predict
from training import small

ROWS = 400
EXACT = {"max_epochs": 6, "patience": 6, "batch_size": ROWS}  # one step an epoch, of all rows: their order is nothing
METRIC = "validation_roc_auc"


def fitted(folder: Path, name: str = "mlp", **trainer) -> Fitted:
    data = small.rows("binary", ROWS)
    changes = {"dropout": 0.0} if name in ("mlp", "tabm") else {}
    network = build_network(small.model(name, **changes), data.encoding, seed=7)
    return fit(network, data, small.recipe(folder, **(EXACT | trainer)))


def metrics(fit: Fitted) -> list[float]:
    return [epoch[METRIC] for epoch in fit.history]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    return metrics(fitted(tmp_path_factory.mktemp("alone"), "tabm"))


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_two_ranks_give_the_metric_of_one_rank_with_the_same_global_batch(
    strategy: str, alone: list[float], tmp_path: Path
) -> None:
    two = fitted(tmp_path, "tabm", devices=2, batch_size=ROWS // 2, strategy=strategy)

    assert metrics(two) == pytest.approx(alone, abs=1e-3)
    assert max(alone) - min(alone) > 0.02, "the metric moves by far more than the noise that is allowed"
    # The weights come back whole and plain, and are those of the best epoch.
    assert all(type(value) is torch.Tensor for value in two.network.state_dict().values())
    held_out = encode(small.rows("binary").validation, small.encoding("binary"))
    assert main_score("binary", held_out["target"], predict(two.network, held_out)) == pytest.approx(
        max(metrics(two)), abs=1e-5
    )


def test_two_half_batches_accumulated_are_one_batch(tmp_path: Path) -> None:
    whole = fitted(tmp_path)
    halves = fitted(tmp_path, batch_size=ROWS // 2, accumulate=2)
    assert metrics(halves) == pytest.approx(metrics(whole), abs=1e-3)
    assert metrics(fitted(tmp_path, batch_size=ROWS // 2)) != pytest.approx(metrics(whole), abs=1e-3)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_a_compiled_network_learns_the_same_and_comes_back_uncompiled(tmp_path: Path) -> None:
    eager, compiled = fitted(tmp_path), fitted(tmp_path, compile=True)
    assert metrics(compiled) == pytest.approx(metrics(eager), abs=1e-3)
    assert compiled.network.state_dict().keys() == eager.network.state_dict().keys()
