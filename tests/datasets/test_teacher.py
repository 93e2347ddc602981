"""Trained networks on disk: weights and declaration, and nothing that runs code."""

import io
import zipfile

import pytest
import torch

from stillroom.datasets.files import UnreadableError
from stillroom.datasets.teacher import TeacherDataset
from stillroom.integrity.digests import sha256
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.fit import build_network
from stillroom.training.settings import NetworkConfig
from training import small


@pytest.fixture
def dataset(tmp_path):
    return TeacherDataset(filepath=str(tmp_path / "teacher.zip"))


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


def zipped(path, weights, recorded):
    with zipfile.ZipFile(path, "w") as kept:
        kept.writestr("network/network.pt", weights)
        kept.writestr("SHA256SUMS", f"{sha256(recorded)}  network/network.pt\n")


def test_a_file_that_would_run_code_is_refused(dataset, tmp_path):
    class Code:
        def __reduce__(self):
            return (print, ("ran",))

    code = io.BytesIO()
    torch.save({"model": Code()}, code)
    zipped(tmp_path / "teacher.zip", code.getvalue(), code.getvalue())

    with pytest.raises(UnreadableError, match=r"teacher\.zip cannot be read \(Weights only load failed"):
        dataset.load()


def changed_weight(checkpoint):
    """A network's file before and after one bit of a weight changed, which torch itself does not notice."""
    (weights,) = checkpoint.files().values()
    largest = max(checkpoint.state.values(), key=torch.numel).numpy().tobytes()
    assert weights.count(largest) == 1
    changed = bytearray(weights)
    changed[weights.index(largest) + 6] ^= 1
    torch.load(io.BytesIO(changed), weights_only=True)
    return weights, bytes(changed)


def test_a_weight_changed_by_one_bit_is_refused(dataset, checkpoint, tmp_path):
    weights, changed = changed_weight(checkpoint)
    zipped(tmp_path / "teacher.zip", changed, recorded=weights)

    with pytest.raises(
        UnreadableError, match=rf"teacher\.zip was changed: .*/network\.pt .* expected {sha256(weights)}"
    ):
        dataset.load()


def test_a_bit_changed_in_the_file_itself_is_refused(dataset, checkpoint, tmp_path):
    dataset.save(checkpoint)
    file = tmp_path / "teacher.zip"
    content = bytearray(file.read_bytes())
    content[content.index(max(checkpoint.state.values(), key=torch.numel).numpy().tobytes()) + 6] ^= 1
    file.write_bytes(content)

    with pytest.raises(UnreadableError, match=r"teacher\.zip was changed: Bad CRC-32 for file 'network/network.pt'"):
        dataset.load()


def test_half_a_file_is_refused(dataset, checkpoint, tmp_path):
    dataset.save(checkpoint)
    file = tmp_path / "teacher.zip"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])

    with pytest.raises(UnreadableError, match=r"teacher\.zip cannot be read"):
        dataset.load()
