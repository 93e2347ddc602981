"""Real work whose figures are known."""

import subprocess
import sys
import time

import numpy as np

MB = 1_000_000


def burn(seconds: float) -> None:
    """Use so much CPU time of this process."""
    began = time.process_time()
    while time.process_time() - began < seconds:
        sum(range(1000))


def burning_child(seconds: float) -> subprocess.Popen[str]:
    """A process that uses so much CPU time, says so, and lives until its input is closed."""
    code = f"import time\nwhile time.process_time() < {seconds}: sum(range(1000))\nprint('done', flush=True)\ninput()"
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def holding_child(size_mb: int) -> subprocess.Popen[str]:
    """A process that holds so much memory until its input is closed."""
    code = f"held = b'x' * {size_mb * MB}\nprint('done', flush=True)\ninput()"
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def finish(child: subprocess.Popen[str]) -> None:
    """Let a child end and wait for it."""
    child.communicate("\n", timeout=60)


def held(size_mb: int) -> np.ndarray:
    """So much memory, every page of it touched."""
    return np.ones(size_mb * MB, dtype=np.uint8)


def until(condition, seconds: float = 60) -> bool:
    """Wait until a condition holds; says whether it came to that."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
