"""Processes that are killed at a chosen moment, to see what they leave on the disk."""

import subprocess
import sys
from pathlib import Path

HALT = """
import sys, time
def halt():
    print("now", flush=True)
    time.sleep(600)
"""

HALF_WRITTEN = """
import fsspec.implementations.local as local
whole, calls = local.LocalFileSystem.pipe_file, 0
def pipe_file(self, path, value, **options):
    global calls
    calls += 1
    if calls < {call}:
        return whole(self, path, value, **options)
    whole(self, path, value[: len(value) // 2])
    halt()
local.LocalFileSystem.pipe_file = pipe_file
"""
"""Halts once the first half of the `call`th file is on the disk."""


def killed(code: str, folder: Path) -> None:
    """Run Python code in a process, and kill it (SIGKILL) when it calls `halt()`."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"{HALT}\nsys.path[:0] = {sys.path!r}\n{code}"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    process.kill()
    _, errors = process.communicate()
    assert line == "now\n", errors
