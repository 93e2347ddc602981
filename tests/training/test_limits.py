"""What cannot work is refused with the numbers that clash, before the first epoch."""

import os
from pathlib import Path

import pytest
import torch

from stillroom.table.errors import InputError
from stillroom.training import limits
from stillroom.training.fit import build_network, fit
from stillroom.training.limits import Needs, available_memory, check_batch, check_devices, check_memory, needs_of
from stillroom.training.settings import TrainerConfig
from training import small

GB = 10**9


def trainer(**declared) -> TrainerConfig:
    return TrainerConfig.model_validate(declared)


def fit_with(folder: Path, **declared) -> None:
    """Fit, and see to it that no epoch begins where the fit is refused."""
    data = small.rows("binary")
    fit(build_network(small.model(), data.encoding, seed=7), data, small.recipe(folder, **declared))


def test_more_processes_than_cores_are_refused_before_any_is_started(tmp_path: Path) -> None:
    cores = len(os.sched_getaffinity(0))
    with pytest.raises(InputError, match=rf"trainer\.devices is 500, and this host has {cores} cores"):
        fit_with(tmp_path, devices=500, batch_size=1)


def test_a_gpu_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    with pytest.raises(InputError, match=r"trainer\.accelerator is gpu, and torch \S+ finds none"):
        fit_with(tmp_path, accelerator="gpu")


def test_fewer_gpus_than_declared_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 2)
    check_devices(trainer(accelerator="gpu", devices=2))
    with pytest.raises(InputError, match=r"trainer\.devices is 4, and this host has 2 GPUs"):
        check_devices(trainer(accelerator="gpu", devices=4))


def test_compiling_needs_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(InputError, match=r"trainer\.compile needs a C\+\+ compiler, and neither of g\+\+, clang\+\+"):
        check_devices(trainer(compile=True))


def test_a_step_of_more_rows_than_there_are_is_refused_on_several_ranks(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"batch_size is 300 on each of 2 ranks, 600 rows together, and there are 400 .* 200 at most"
    ):
        fit_with(tmp_path, devices=2, batch_size=300)
    check_batch(trainer(devices=2, batch_size=200), 400)
    check_batch(trainer(batch_size=4096), 100)  # one rank takes what there is


def test_more_batches_a_step_than_an_epoch_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"accumulate is 8, and 400 training rows make 4 batches of 100 on each of 1"):
        fit_with(tmp_path, batch_size=100, accumulate=8)
    check_batch(trainer(batch_size=100, accumulate=4), 400)


def test_a_batch_that_does_not_fit_in_memory_is_refused_with_both_sizes() -> None:
    needs = Needs(state=GB, row=10**6)
    check_memory(trainer(batch_size=1000), needs, 10**6, 3 * GB)
    with pytest.raises(InputError, match=r"about 5\.00 GB and 3\.00 GB are available: 1\.00 GB .* 4\.00 GB .* 4,000"):
        check_memory(trainer(batch_size=4000), needs, 10**6, 3 * GB)
    with pytest.raises(InputError, match=r"about 4\.00 GB and 3\.00 GB .* on each of 2 ranks"):
        check_memory(trainer(batch_size=1000, devices=2), needs, 10**6, 3 * GB)
    check_memory(trainer(batch_size=4000), needs, 1500, 3 * GB)  # a batch has no more rows than the table
    check_memory(trainer(batch_size=4000), needs, 10**6, None)


def test_a_fit_asks_for_the_memory_that_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("990000\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 2000\n")
    monkeypatch.setattr(limits, "CGROUP", tmp_path)
    assert available_memory(trainer()) == 12000
    with pytest.raises(InputError, match=r"training needs about"):
        fit_with(tmp_path / "checkpoints", batch_size=400)


def test_what_a_row_needs_is_what_autograd_keeps_of_it() -> None:
    data = small.rows("binary")
    narrow, wide = (
        needs_of(build_network(small.model("own", size=size), data.encoding, seed=7), data.encoding, trainer())
        for size in (8, 8 + 1000)
    )
    inputs = len(small.NUMERIC) * 2 + len(small.CATEGORICAL)
    # 1,000 more units of tanh: 4,000 bytes a row more, and for a weight from each input, a bias and one to the output,
    # 4 bytes each of weight, gradient and two moments.
    assert wide.row - narrow.row == pytest.approx(4000, abs=64)
    assert wide.state - narrow.state == pytest.approx(4 * 4 * 1000 * (inputs + 2), rel=0.35)


def test_asking_what_a_network_needs_leaves_it_and_the_random_numbers_as_they_were() -> None:
    encoding = small.encoding("binary")
    network = build_network(small.model("mlp"), encoding, seed=7)
    torch.manual_seed(1)
    before = torch.rand(1)
    torch.manual_seed(1)
    needs_of(network, encoding, trainer())
    assert torch.equal(torch.rand(1), before)
    assert all(p.grad is None for p in network.parameters())
