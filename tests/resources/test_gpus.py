import pynvml
import pytest

from stillroom.resources.gpus import Gpus


def test_no_gpu_is_busy_where_none_may_be_seen(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")

    assert Gpus().busy() == 0


@pytest.fixture
def machine(monkeypatch):
    """What NVML would say of a machine of three GPUs; the tests have none."""
    devices = {0: 20, 1: 50, 2: 100}
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(pynvml, "nvmlInit", lambda: None)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetCount", lambda: len(devices))
    monkeypatch.setattr(pynvml, "nvmlDeviceGetHandleByIndex", lambda index: index)
    monkeypatch.setattr(pynvml, "nvmlDeviceGetHandleByUUID", lambda name: {"GPU-b": 1}[name])
    rates = {index: pynvml.c_nvmlUtilization_t(gpu=share) for index, share in devices.items()}
    monkeypatch.setattr(pynvml, "nvmlDeviceGetUtilizationRates", rates.get)


@pytest.mark.parametrize(("visible", "busy"), [(None, 1.7), ("2", 1.0), ("0, GPU-b", 0.7), ("-1", 0.0)])
def test_the_visible_gpus_add_up(machine, monkeypatch, visible, busy):
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)

    assert Gpus().busy() == pytest.approx(busy)
