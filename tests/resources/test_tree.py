import pytest

from resources.work import MB, burn, burning_child, finish, holding_child
from stillroom.resources.tree import ProcessTree


def test_cpu_time_is_that_of_this_process_of_the_living_and_of_the_ended_children():
    tree = ProcessTree()
    before = tree.cpu_seconds()
    burn(0.2)
    own = tree.cpu_seconds()
    child = burning_child(0.4)
    child.stdout.readline()
    tree.look()
    living = tree.cpu_seconds()
    finish(child)
    ended = tree.cpu_seconds()

    assert own - before == pytest.approx(0.2, abs=0.15)
    assert 0.35 < living - own < 1
    assert 0.39 < ended - own < 1


def test_memory_is_that_of_children_too():
    tree = ProcessTree()
    alone = tree.memory_bytes()
    child = holding_child(200)
    child.stdout.readline()
    tree.look()
    together = tree.memory_bytes()
    finish(child)

    assert 200 * MB < together - alone < 260 * MB
    assert tree.memory_bytes() < alone + 50 * MB
