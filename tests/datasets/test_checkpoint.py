"""Trained networks on disk: weights and declaration, and nothing that runs code."""

import pytest
import torch

from stillroom.datasets.checkpoint import CheckpointDataset
from stillroom.datasets.files import UnreadableError
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.fit import build_network
from stillroom.training.settings import NetworkConfig
from training import small


@pytest.fixture
def dataset(tmp_path):
    return CheckpointDataset(filepath=str(tmp_path / "teacher.pt"))


@pytest.fixture
def checkpoint():
    model = NetworkConfig.model_validate({"network": small.NETWORKS["mlp"]})
    network = build_network(model, small.encoding("binary"), seed=3)
    return Checkpoint(model, network.state_dict(), [{"epoch": 1.0, "loss": 0.6}])


def test_a_network_predicts_the_same_when_it_comes_back(dataset, checkpoint):
    encoding = small.encoding("binary")
    dataset.save(checkpoint)
    loaded = dataset.load()

    assert (loaded.model, loaded.history) == (checkpoint.model, checkpoint.history)
    inputs = {"numeric": torch.randn(9, 3), "categorical": torch.randint(0, 3, (9, 2))}
    answers = [kept.network(encoding)(inputs) for kept in (checkpoint, loaded)]
    assert torch.equal(*answers)


def test_a_file_that_would_run_code_is_refused(dataset, tmp_path):
    class Code:
        def __reduce__(self):
            return (print, ("ran",))

    torch.save({"model": Code()}, tmp_path / "teacher.pt")

    with pytest.raises(UnreadableError, match=r"teacher\.pt cannot be read \(Weights only load failed"):
        dataset.load()


def test_half_a_file_is_refused(dataset, checkpoint, tmp_path):
    dataset.save(checkpoint)
    file = tmp_path / "teacher.pt"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    with pytest.raises(UnreadableError, match=r"teacher\.pt cannot be read"):
        dataset.load()
