"""How busy this machine's NVIDIA GPUs are."""

import os
from typing import Any

import pynvml


class Gpus:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves, as NVML sees them; none where there is no driver."""

    def __init__(self) -> None:
        try:
            pynvml.nvmlInit()
            self._devices = [_device(name) for name in _visible()]
        except pynvml.NVMLError:
            self._devices = []

    def busy(self) -> float:
        """How many GPUs are at work: 1.5 is one all the time and one half of it, over the last second or less."""
        try:
            return sum(pynvml.nvmlDeviceGetUtilizationRates(device).gpu for device in self._devices) / 100
        except pynvml.NVMLError:
            return 0.0


def _visible() -> list[str]:
    declared = os.environ.get("CUDA_VISIBLE_DEVICES")
    if declared is None:
        return [str(index) for index in range(pynvml.nvmlDeviceGetCount())]
    return [name.strip() for name in declared.split(",") if name.strip() not in ("", "-1")]


def _device(name: str) -> Any:
    return pynvml.nvmlDeviceGetHandleByIndex(int(name)) if name.isdigit() else pynvml.nvmlDeviceGetHandleByUUID(name)
