import json
import subprocess
import sys
from pathlib import Path

import pytest

from resources.work import MB, burn, burning_child, finish, holding_child
from stillroom.resources.tree import ProcessTree

TESTS = str(Path(__file__).parents[1])


def alone(function: str) -> list[float]:
    """What a function of this module returns in a process that has no other children."""
    code = f"import json, resources.test_tree as t; print(json.dumps(t.{function}()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=TESTS, capture_output=True, text=True, timeout=120, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def cpu_times() -> list[float]:
    tree = ProcessTree()
    before = tree.cpu_seconds()
    burn(0.2)
    own = tree.cpu_seconds()
    child = burning_child(0.4)
    child.stdout.readline()
    tree.look()
    living = tree.cpu_seconds()
    finish(child)
    return [own - before, living - own, tree.cpu_seconds() - own]


def memories() -> list[float]:
    tree = ProcessTree()
    before = tree.memory_bytes()
    child = holding_child(200)
    child.stdout.readline()
    tree.look()
    together = tree.memory_bytes()
    finish(child)
    return [together - before, tree.memory_bytes() - before]


def test_cpu_time_is_that_of_this_process_of_the_living_and_of_the_ended_children():
    own, living, ended = alone("cpu_times")
    assert own == pytest.approx(0.2, abs=0.15)
    assert 0.35 < living < 1
    assert 0.39 < ended < 1


def test_memory_is_that_of_children_too():
    together, after = alone("memories")
    assert 200 * MB < together < 260 * MB
    assert after < 50 * MB
