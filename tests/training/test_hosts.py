"""Two processes as two hosts train one network; one of them is killed in the middle of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ports import free_port
from training import hosts
from training.slow import steps

EPOCHS = 6
STEPS = 10  # an epoch of one rank: 400 rows, 20 on each of two


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[list]:
    """What is put in here is killed after the test."""
    started: list = []
    yield started
    for host in started:
        hosts.kill(host)


def in_the_second_epoch(folder: Path) -> bool:
    """Whether the first epoch is kept, and both ranks have trained on after it."""
    kept = any(folder.glob("checkpoints/*/last.ckpt"))
    counted = steps(folder / "notes").values()
    return kept and len(counted) == 2 and min(counted) > STEPS + 1


@pytest.mark.slow
def test_a_lost_host_ends_the_fit_with_one_sentence(tmp_path: Path, pair: list) -> None:
    port = free_port()
    pair += [hosts.start_fit(tmp_path, port, host, epochs=200) for host in range(2)]
    hosts.wait_until(lambda: in_the_second_epoch(tmp_path), *pair)

    hosts.kill(pair[1])

    status, said = hosts.ended(pair[0])
    assert status == 1
    assert "HostError: training on 2 hosts ended at rank" in said
    assert "trainer.resume=true" in said.splitlines()[-1]


@pytest.mark.slow
def test_a_lost_host_that_joins_again_goes_on_from_the_last_checkpoint(tmp_path: Path, pair: list) -> None:
    port = free_port()
    pair += [hosts.start_fit(tmp_path, port, host, restarts=2, epochs=EPOCHS) for host in range(2)]
    hosts.wait_until(lambda: in_the_second_epoch(tmp_path), *pair)

    hosts.kill(pair[1])
    pair.append(hosts.start_fit(tmp_path, port, 1, restarts=2, epochs=EPOCHS))

    status, said = hosts.ended(pair[0])
    assert status == 0, said[-3000:]
    assert hosts.ended(pair[2])[0] == 0
    assert said.splitlines()[-1] == str(list(range(EPOCHS)))
    trained = list(steps(tmp_path / "notes").values())
    assert len(trained) == 4, "two ranks, and two that went on"
    assert max(trained[2:]) <= (EPOCHS - 1) * STEPS, "the first epoch is not trained again"
    assert not list((tmp_path / "checkpoints").iterdir())
