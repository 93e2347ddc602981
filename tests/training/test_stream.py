from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from stillroom.table.encoding import Encoded
from stillroom.training import stream
from stillroom.training.fit import Fitted, Rows, build_network, fit
from stillroom.training.stream import Stream, write_chunks
from training import small

BATCH, BUFFER = 16, 64


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CHUNK", 10)
    monkeypatch.setattr(stream, "FILE", 200)


def numbered(rows: int, path: Path) -> Path:
    """Rows that know their own number."""
    write_chunks(pl.LazyFrame({"row": np.arange(rows)}), path)
    return path


def arrays(frame: pl.DataFrame) -> Encoded:
    number = frame["row"].to_numpy()
    return Encoded(numeric=number[:, None].astype(np.float32), target=number.astype(np.float32))


def epoch(path: Path, *, seed: int | None = 1, rank: int = 0, ranks: int = 1, number: int = 0) -> list[list[int]]:
    """The rows of every batch of one rank."""
    batches = Stream(path, arrays, BATCH, BUFFER, seed, rank, ranks)
    batches.set_epoch(number)
    found = [[int(row) for row in batch.target] for batch in batches]
    assert len(found) == len(batches)
    return found


@pytest.mark.parametrize("ranks", [1, 2, 3])
@pytest.mark.parametrize("rows", [3, 64, 65, 997, 1000])
def test_every_row_comes_once_across_ranks_in_as_many_batches_each(rows: int, ranks: int, tmp_path: Path) -> None:
    path = numbered(rows, tmp_path / "rows")
    shares = [epoch(path, rank=rank, ranks=ranks) for rank in range(ranks)]
    assert sorted(chain(*chain(*shares))) == list(range(rows))
    assert len({len(share) for share in shares}) == 1
    sizes = [len(batch) for batch in chain(*shares)]
    assert max(sizes) <= BATCH
    assert max(sizes) - min(sizes) <= 1


def test_seed_epoch_and_rank_make_the_order(tmp_path: Path) -> None:
    path = numbered(500, tmp_path / "rows")
    assert epoch(path, number=3) == epoch(path, number=3)
    assert epoch(path, number=3) != epoch(path, number=4)
    assert epoch(path, seed=1) != epoch(path, seed=2)
    halves = [{*chain(*epoch(path, rank=0, ranks=2, number=number))} for number in (0, 1)]
    assert halves[0] != halves[1], "a rank sees other rows every epoch"


def test_without_a_seed_rows_come_in_their_order(tmp_path: Path) -> None:
    assert [*chain(*epoch(numbered(100, tmp_path / "rows"), seed=None))] == list(range(100))


def test_a_batch_mixes_rows_from_far_apart(tmp_path: Path) -> None:
    batches = epoch(numbered(1000, tmp_path / "rows"))
    assert np.mean([np.std(batch) for batch in batches]) > 0.7 * np.std(np.arange(1000))


def test_no_more_rows_than_a_buffer_are_read_at_once(tmp_path: Path) -> None:
    read: list[int] = []

    def watched(frame: pl.DataFrame) -> Encoded:
        read.append(frame.height)
        return arrays(frame)

    batches = iter(Stream(numbered(1000, tmp_path / "rows"), watched, BATCH, BUFFER, seed=1))
    next(batches)
    assert sum(read) <= 2 * BUFFER, "the first buffer, and the next one ahead"
    list(batches)
    assert max(read) <= BUFFER
    assert sum(read) == 1000


def test_rows_stay_whole(tmp_path: Path) -> None:
    for batch in Stream(numbered(100, tmp_path / "rows"), arrays, BATCH, BUFFER, seed=1):
        assert torch.equal(batch.inputs["numeric"][:, 0], batch.target)


def fitted(folder: Path, data: Rows, **trainer: object) -> Fitted:
    network = build_network(small.model(), data.encoding, seed=7)
    return fit(network, data, small.recipe(folder, max_epochs=5, patience=9, **trainer))


@pytest.mark.parametrize("task", small.TASKS)
def test_a_streamed_fit_learns_as_well_as_one_in_memory(task: str, tmp_path: Path) -> None:
    data = small.rows(task)
    figures = [fitted(tmp_path, data, shuffle_buffer=buffer).history[-1] for buffer in (100, None)]
    streamed, held = (next(v for k, v in figure.items() if k.startswith("validation")) for figure in figures)
    assert streamed != held, "the order differs, so that this was no fit in memory"
    assert streamed == pytest.approx(held, rel=0.1)
    assert not list(tmp_path.iterdir()), "the file of rows is gone"


def test_a_streamed_fit_repeats_itself(tmp_path: Path) -> None:
    data = small.rows("binary")
    first, second = (fitted(tmp_path, data, shuffle_buffer=100).history for _ in range(2))
    assert first == second


def test_soft_labels_stream_too(tmp_path: Path) -> None:
    data = small.rows("binary")
    contrary = data.train.with_columns(soft_target_0=1 - pl.col("target").cast(pl.Float32))
    rows = Rows(contrary, data.validation, data.encoding)
    taught = fitted(tmp_path, rows, shuffle_buffer=100, soft_weight=1.0)
    assert taught.history[-1]["validation_roc_auc"] < 0.3, "taught the opposite, it must rank the other way round"


@pytest.mark.slow
def test_two_ranks_stream_disjoint_rows(tmp_path: Path) -> None:
    data, folder = small.rows("binary"), tmp_path / "seen"
    folder.mkdir()
    watched = small.model("own", _target_="training.watched.Watched", folder=str(folder))
    recipe = small.recipe(tmp_path, devices=2, max_epochs=2, shuffle_buffer=100)
    fit(build_network(watched, data.encoding, seed=7), data, recipe)
    ranks = [torch.load(folder / f"{rank}.pt") for rank in range(2)]
    assert [len(seen) for rank in ranks for seen in rank["epochs"]] == [200] * 4
    rows = [{row for row in rank["epochs"][0] if row[3] == 0} for rank in ranks]  # those whose height is there
    assert len(rows[0] | rows[1]) == data.train.select(pl.col("height").count()).collect().item()
    assert rows[0].isdisjoint(rows[1])
