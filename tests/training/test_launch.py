import os
from pathlib import Path

import polars as pl
import pytest
import torch
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

from stillroom.training.fit import build_network, fit
from stillroom.training.launch import Ranks, launch
from training import small

MISSING = 3  # the flag of a missing height, after the three numbers


def whoami(greeting: str) -> tuple[str, int, int, int]:
    return greeting, int(os.environ.get("RANK", "-1")), int(os.environ.get("WORLD_SIZE", "1")), os.getpid()


def test_one_device_is_a_plain_call() -> None:
    assert launch(whoami, Ranks(), "hello") == ("hello", -1, 1, os.getpid())


@pytest.mark.slow
def test_two_devices_are_two_processes_and_the_answer_is_the_first_ranks() -> None:
    greeting, rank, world, process = launch(whoami, Ranks(devices=2), "hello")
    assert (greeting, rank, world) == ("hello", 0, 2)
    assert process != os.getpid()


@pytest.mark.slow
def test_a_fit_on_two_devices_trains_two_ranks_on_disjoint_rows_to_the_same_weights(tmp_path: Path) -> None:
    data, folder = small.rows("binary"), tmp_path / "seen"
    folder.mkdir()
    watched = small.model("own", _target_="training.watched.Watched", folder=str(folder))
    network = build_network(watched, data.encoding, seed=7)

    fitted = fit(network, data, small.recipe(tmp_path, devices=2, max_epochs=2))

    ranks = [torch.load(folder / f"{rank}.pt") for rank in range(2)]
    assert [rank["world"] for rank in ranks] == [2, 2]
    assert ranks[0]["process"] != ranks[1]["process"]
    assert [len(epoch) for rank in ranks for epoch in rank["epochs"]] == [200] * 4
    # A missing height makes rows look alike; all others differ.
    rows = [{row for row in rank["epochs"][0] if row[MISSING] == 0} for rank in ranks]
    assert len(rows[0] | rows[1]) == data.train.select(pl.col("height").count()).collect().item()
    assert rows[0].isdisjoint(rows[1])
    assert all(torch.equal(a, b) for a, b in zip(ranks[0]["weights"], ranks[1]["weights"], strict=True))
    assert len(fitted.history) == 2
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.slow
def test_what_a_worker_raises_reaches_the_caller(tmp_path: Path) -> None:
    data = small.rows("binary")
    failing = small.model("own", _target_="training.own.Failing")
    with pytest.raises(ChildFailedError, match="the wheels came off"):
        fit(build_network(failing, data.encoding, seed=7), data, small.recipe(tmp_path, devices=2))
