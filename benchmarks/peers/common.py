"""What the comparisons share: what a run of Stillroom has left, measuring side by side, and the table printed."""

import argparse
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from stillroom.cli import split_params
from stillroom.compression.distil import learn
from stillroom.compression.export import export, signature_of
from stillroom.compression.measure import measure
from stillroom.models.network import TableNetwork
from stillroom.parameters import Parameters
from stillroom.table.encoding import Encoding, feeds
from stillroom.table.metrics import HIGHER_IS_BETTER, MAIN_METRIC
from stillroom.table.split import part
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.fit import Recipe

# Two timings of one graph differ by as much.
NOISE = 1.03


@dataclass(frozen=True)
class Run:
    """What `kedro run` has left: the declaration, the data, the trained student, every candidate, the chosen one."""

    parameters: Parameters
    encoding: Encoding
    table: pl.LazyFrame
    soft_targets: pl.LazyFrame
    student: Checkpoint
    float_models: dict[str, onnx.ModelProto]
    int8_models: dict[str, onnx.ModelProto]
    chosen: str

    @property
    def candidates(self) -> dict[str, onnx.ModelProto]:
        """Every exported candidate by name."""
        return {**self.float_models, **self.int8_models}

    @property
    def students(self) -> dict[str, onnx.ModelProto]:
        """The float32 candidates that a peer may start from: all but the teacher."""
        return {name: model for name, model in self.float_models.items() if name != "teacher"}

    def feeds(self, split: str, rows: int | None = None) -> dict[str, np.ndarray]:
        """Raw rows of one part, as an exported model takes them; drawn at random where `rows` says how many."""
        frame = part(self.table, split).collect()
        if rows is not None:
            frame = frame.sample(min(rows, frame.height), seed=self.parameters.seed)
        return feeds(frame, self.encoding)

    def target(self, split: str) -> np.ndarray:
        """What came true in one part: a number a row, of a class its index."""
        values = part(self.table, split).select(self.encoding.target.expression().alias("target"))
        return values.collect()["target"].to_numpy()


@dataclass(frozen=True)
class Row:
    """One model's figures: quality by the task's metric, kB on disk, median µs for one row and for a batch."""

    name: str
    quality: float
    size_kb: float
    one_us: float
    many_us: float


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The options that every comparison takes."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--params", default="", help="what `kedro run --params` was given, such as table=wine")
    parser.add_argument("--rounds", type=int, default=1000, help="timed calls of each model for one row")
    return parser


def open_run(params: str) -> Run:
    """Load what the run with these parameters has left in `data/`; the working directory is the project's."""
    logging.disable(logging.WARNING)  # the libraries' notices would hide the figures
    bootstrap_project(Path.cwd())
    with KedroSession.create(runtime_params=split_params(None, None, params)) as session:
        context = session.load_context()
        load = context.catalog.load
        return Run(
            parameters=Parameters.model_validate(context.config_loader["parameters"]),
            encoding=load("encoding"),
            table=load("training_table"),
            soft_targets=load("soft_targets"),
            student=load("student"),
            float_models=load("float_models"),
            int8_models=load("int8_models"),
            chosen=load("choice").chosen,
        )


def train_on(run: Run, network: TableNetwork, stage: str) -> TableNetwork:
    """Train a peer's network on as Stillroom trains its own pruned student: same rows, soft targets, epochs."""
    compress, trainer = run.parameters.compress, run.parameters.trainer
    student, config = compress.student, compress.prune
    changed = {"max_epochs": config.max_epochs, "batch_size": student.batch_size, "patience": student.patience}
    quietly = trainer.model_copy(update={**changed, "progress": False})
    softly = {"soft_weight": student.soft_weight, "temperature": student.temperature}
    recipe = Recipe(stage, config, quietly, run.parameters.seed, **softly)
    rows = part(run.table, "train"), run.soft_targets, part(run.table, "validation")
    return learn(network, *rows, run.encoding, recipe).network


def exported(run: Run, network: TableNetwork) -> onnx.ModelProto:
    """Export a peer's network as Stillroom exports its own."""
    return export(network, run.encoding, signature_of(run.float_models["student"]))


def attempt(name: str, make: Callable[[], Any]) -> Any | None:
    """What `make` gives; None where it fails, which is printed: a peer that fails has no figures."""
    try:
        return make()
    except Exception as error:
        print(f"{name} fails: {' '.join(str(error).split())[:300]}", flush=True)
        return None


def measured(run: Run, models: dict[str, onnx.ModelProto], rounds: int) -> dict[str, Row]:
    """Measure ONNX models on the test rows, all in turn in this process, on one thread."""
    parameters = run.parameters
    task = parameters.table.task
    found, _ = measure(models, run.feeds("test"), run.target("test"), task, {}, rounds, parameters.budget)
    return {
        m.name: Row(m.name, m.metrics[MAIN_METRIC[task]], m.size_kb, m.single.median_us, m.many.median_us)
        for m in found
    }


def report(run: Run, ours: list[Row], peers: list[Row]) -> None:
    """Print every model's figures; then, for each peer, what of ours is at least as good on the most of the three."""
    metric, batch = MAIN_METRIC[run.parameters.table.task], f"{run.parameters.budget.batch_size:,} rows"
    width = max(len(row.name) for row in [*ours, *peers]) + 2
    print(f"\n{'':7}{'':{width}}{metric:>9}{'size':>15}{'1 row':>13}{batch:>14}")
    for whose, rows in (("ours", ours), ("peer", peers)):
        for row in rows:
            mark = "*" if row.name == run.chosen else " "
            figures = f"{row.quality:9.4f}{row.size_kb:12,.1f} kB{row.one_us:10,.1f} µs{row.many_us:11,.0f} µs"
            print(f"{whose:5} {mark}{row.name:{width}}{figures}")
    print("\n* chosen by the budget. Ours against each peer: at least as good on quality, size, latency for one row")
    students = [row for row in ours if row.name != "teacher"]
    for peer in peers:
        best = max(students, key=lambda row: (len(as_good(metric, row, peer)), row.name == run.chosen))
        for row in [row for row in students if row.name == run.chosen or row is best]:
            print(_against(metric, batch, row, peer, width))


def as_good(metric: str, ours: Row, peer: Row) -> list[str]:
    """On which of quality (to four decimals), size, and latency for one row ours is at least as good."""
    sign = 1 if HIGHER_IS_BETTER[metric] else -1
    good = {
        "quality": round(sign * ours.quality, 4) >= round(sign * peer.quality, 4),
        "size": ours.size_kb <= peer.size_kb,
        "latency": ours.one_us <= peer.one_us * NOISE,
    }
    return [name for name, holds in good.items() if holds]


def _against(metric: str, batch: str, ours: Row, peer: Row, width: int) -> str:
    good = as_good(metric, ours, peer)
    ratios = (
        f"{metric} {ours.quality - peer.quality:+.4f}, size {ours.size_kb / peer.size_kb:.2g} x, "
        f"1 row {ours.one_us / peer.one_us:.2f} x, {batch} {ours.many_us / peer.many_us:.2f} x"
    )
    return f"{peer.name:{width}} {ours.name:{width}} {len(good)} of 3: {ratios}"
