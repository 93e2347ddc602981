import threading

import pytest

from resources.work import MB, burn, burning_child, finish, held, until
from stillroom.resources import Moved, Recorder


@pytest.fixture
def recorder():
    recorder = Recorder()
    yield recorder
    recorder.close()


def test_a_node_gets_the_cpu_time_that_it_used_and_the_next_one_its_own(recorder):
    for node, seconds in {"long": 0.5, "short": 0.1}.items():
        recorder.began(node)
        burn(seconds)
        recorder.ended(node)
    burn(0.2)
    recorder.close()

    long, short = recorder.nodes["long"], recorder.nodes["short"]
    assert long.cpu_s == pytest.approx(0.5, abs=0.1)
    assert short.cpu_s == pytest.approx(0.1, abs=0.08)
    assert recorder.run.cpu_s == pytest.approx(0.8, abs=0.2)
    assert long.ended - long.began >= 0.5
    assert short.began >= long.ended


def test_what_a_child_process_used_is_its_nodes(recorder):
    recorder.began("parent")
    child = burning_child(0.4)
    finish(child)
    recorder.ended("parent")

    assert 0.39 < recorder.nodes["parent"].cpu_s < 1


def test_nodes_that_run_side_by_side_share_equally(recorder):
    recorder.began("a")
    recorder.began("b")
    burn(0.4)
    recorder.ended("b")
    burn(0.2)
    recorder.ended("a")
    recorder.close()

    a, b = recorder.nodes["a"].cpu_s, recorder.nodes["b"].cpu_s
    assert b == pytest.approx(0.2, abs=0.08)
    assert a - b == pytest.approx(0.2, abs=0.08)
    assert a + b <= recorder.run.cpu_s


def test_peak_memory_is_that_of_the_node_that_held_it(recorder):
    recorder.began("before")
    recorder.ended("before")
    recorder.began("large")
    array = held(200)
    before = recorder.nodes["before"].peak_bytes
    sampled = until(lambda: recorder.nodes["large"].peak_bytes - before > 195 * MB)
    del array
    recorder.ended("large")
    recorder.began("after")
    recorder.ended("after")
    recorder.close()

    assert sampled
    assert recorder.nodes["after"].peak_bytes < before + 50 * MB
    assert recorder.run.peak_bytes >= recorder.nodes["large"].peak_bytes


def test_what_is_saved_piece_by_piece_counts_after_the_first_piece(recorder):
    recorder.began("generator")
    recorder.ended("generator")
    burn(0.2)
    recorder.saved("generator", "pieces", Moved(10, 100))
    burn(0.1)
    recorder.saved("generator", "pieces", Moved(20, 200))
    recorder.ended("generator")

    assert recorder.nodes["generator"].cpu_s == pytest.approx(0.3, abs=0.1)
    assert recorder.nodes["generator"].written == {"pieces": Moved(20, 200)}


def test_a_closed_recorder_leaves_no_thread():
    recorder = Recorder()
    recorder.began("unfinished")
    recorder.close()

    assert not recorder._thread.is_alive()
    assert recorder._thread not in threading.enumerate()
