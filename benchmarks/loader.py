"""Loaders side by side on the flights' training rows: streamed from Parquet, in memory, and one row at a time.

PYTHONPATH=src python benchmarks/loader.py

Rows per second of the loader alone, and of training a network on what it gives, in a bare loop on all cores. The
network is the smallest of the presets, the student's MLP, which waits for its loader the most. "Tensors in memory" are
the rows as tensors, permuted, a batch being a slice: nothing could be quicker. "Row by row" is a stock DataLoader over
a Dataset of single rows with its default collation, on some of the rows. All take turns; the best of three is shown.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import polars as pl
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from flights_times import RAW
from stillroom.pipelines.prepare.flights import create_pipeline
from stillroom.pipelines.prepare.nodes import split_table
from stillroom.table.encoding import Encoding, fit_encoding
from stillroom.table.settings import PrepareConfig
from stillroom.table.spec import TableSpec
from stillroom.table.split import part
from stillroom.training.data import Batch, batch_of, loader
from stillroom.training.examples import Examples
from stillroom.training.fit import build_network
from stillroom.training.settings import NetworkConfig

BATCH, BUFFER, SOME, TURNS = 1024, 65_536, 30_000, 3
NETWORK = {"_target_": "stillroom.models.mlp.Mlp", "widths": [64, 64], "embedding": 8, "piecewise": True}


class Rows(Dataset[tuple[dict[str, Tensor], Tensor]]):
    """One row at a time, as a stock Dataset gives them."""

    def __init__(self, rows: Batch, count: int):
        self.rows, self.count = rows, count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, row: int) -> tuple[dict[str, Tensor], Tensor]:
        return {kind: values[row] for kind, values in self.rows.inputs.items()}, self.rows.target[row]


def flights() -> tuple[pl.LazyFrame, Encoding]:
    """The training rows of the flights, and their encoding."""
    from stillroom.config import GroupConfigLoader

    folder = Path(__file__).parents[1] / "conf"
    conf = GroupConfigLoader(folder, base_env="base", default_run_env="base")["parameters"]
    table = TableSpec.model_validate(conf["table"])
    data = {name: pl.scan_parquet(RAW / f"{name}.parquet") for name in ("flights", "weather", "planes", "airports")}
    made: dict[str, object] = {**data, "params:prepare": PrepareConfig(block_days=None)}
    for node in create_pipeline().nodes:
        made |= node.run({name: made[name] for name in node.inputs})
    train = part(split_table(made["flights_table"], table), "train").collect().lazy()
    return train, fit_encoding(train, table, table.columns, conf["encoding"]["bins"])


def slices(rows: Batch) -> Iterator[Batch]:
    """Tensors in memory, permuted."""
    order = torch.randperm(len(rows.target))
    for start in range(0, len(order), BATCH):
        yield rows.take(order[start : start + BATCH])


def row_by_row(rows: Batch) -> Iterator[Batch]:
    """A stock DataLoader's batches."""
    for inputs, target in DataLoader(Rows(rows, SOME), BATCH, shuffle=True):
        yield Batch(inputs, target)


def loaded(batches: Iterable[Batch]) -> tuple[int, float]:
    """Rows, and the seconds that they took to come."""
    started, rows = time.perf_counter(), 0
    for batch in batches:
        rows += len(batch.target)
    return rows, time.perf_counter() - started


def trained(batches: Iterable[Batch], encoding: Encoding) -> tuple[int, float]:
    """Rows, and the seconds that training on them took."""
    network = build_network(NetworkConfig.model_validate({"network": NETWORK}), encoding, seed=0)
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.002)
    started, rows = time.perf_counter(), 0
    for batch in batches:
        optimizer.zero_grad()
        scores = network.scores(batch.inputs)
        nn.functional.binary_cross_entropy_with_logits(scores[:, 0], batch.target).backward()
        optimizer.step()
        rows += len(batch.target)
    return rows, time.perf_counter() - started


def main() -> None:
    train, encoding = flights()
    examples = Examples.of([train], encoding)
    encoded = examples.arrays(examples.query.collect())
    rows = batch_of(encoded)
    with tempfile.TemporaryDirectory() as folder:
        stream = examples.streamed(Path(folder) / "rows", write=True).loader(BATCH, BUFFER, 0, 0, 1)
        ways: dict[str, Callable[[], Iterable[Batch]]] = {
            "streamed from Parquet": lambda: stream,
            "tensors in memory": lambda: slices(rows),
            "our loader in memory": lambda: loader(encoded, BATCH, shuffle=True),
            "row by row": lambda: row_by_row(rows),
        }
        rates: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(TURNS):
            for name, batches in ways.items():
                alone, training = loaded(batches()), trained(batches(), encoding)
                rates[name].append((alone[0] / alone[1], training[0] / training[1]))
    best = {name: tuple(max(column) for column in zip(*found, strict=True)) for name, found in rates.items()}
    ours = best["streamed from Parquet"]
    print(f"{len(rows.target):,} rows, batches of {BATCH}, a buffer of {BUFFER:,}, {torch.get_num_threads()} threads")
    for name, (alone, training) in best.items():
        print(
            f"{name:22} {alone:11,.0f} rows/s alone, streamed {ours[0] / alone:6.2f} x; "
            f"{training:9,.0f} rows/s training, streamed {ours[1] / training:5.2f} x"
        )


if __name__ == "__main__":
    main()
