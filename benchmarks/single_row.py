"""One row: the chosen student against LightGBM, from ready inputs and from a raw row in Python, in one run.

    python benchmarks/single_row.py        # after `make run`: half a minute

LightGBM is the run's yardstick, fitted anew on the same rows, on one thread. A raw row is what a caller has: for
LightGBM a pandas frame with its category columns, for the student a dict of named values, its preprocessing inside.
"""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import polars as pl
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from threadpoolctl import threadpool_limits

from stillroom.compression.gate import open_session, run
from stillroom.compression.timing import latency, time_in_turns, time_models
from stillroom.table.encoding import Encoding, encode, feeds
from stillroom.table.split import part
from stillroom.training.teachers.trees import TreesTeacher
from stillroom.training.trees import fit_trees

ROOT = Path(__file__).parents[1]
TURNS, CALLS = 50, 20


def main() -> None:
    """Fit, time in turns, print."""
    bootstrap_project(ROOT)
    with KedroSession.create(project_path=ROOT) as session:
        catalog = session.load_context().catalog
        table, encoding, choice = (catalog.load(name) for name in ("training_table", "encoding", "choice"))
        models = catalog.load("float_models") | catalog.load("int8_models")
        config, seed = catalog.load("params:release").yardstick, catalog.load("params:seed")
    train, validation = (encode(part(table, name), encoding) for name in ("train", "validation"))
    booster = fit_trees(train, validation, encoding, config, seed)
    row = part(table, "test").head(1).collect()
    student, raw = open_session(models[choice.chosen]), feeds(row, encoding)
    with threadpool_limits(1):
        seconds = time_in_turns(
            {
                "LightGBM, ready row": TreesTeacher(booster).prepared(row, encoding),
                "LightGBM, raw row": lambda: _raw(booster, row, encoding),
                f"{choice.chosen}, raw row": lambda: run(student, raw),
            },
            TURNS,
            CALLS,
        )
    found = {name: latency(timed, 1) for name, timed in seconds.items()}
    found[f"{choice.chosen}, ready row"] = time_models({"student": student}, raw, 1, TURNS, CALLS)["student"]
    for name, each in found.items():
        print(f"{name:36} {each.median_us:8.1f} µs  [{each.low_us:.1f}, {each.high_us:.1f}]")
    for kind in ("ready", "raw"):
        ratio = found[f"LightGBM, {kind} row"].median_us / found[f"{choice.chosen}, {kind} row"].median_us
        print(f"{kind} row: the student is {ratio:.1f} times as fast")


def _raw(booster: lightgbm.Booster, row: pl.DataFrame, encoding: Encoding) -> Any:
    """What a caller of LightGBM does with one raw row: a frame, its categories as codes, predict."""
    frame = pd.DataFrame({c.name: np.asarray([row[c.name][0]], dtype=object) for c in encoding.numeric}, dtype=float)
    for column in encoding.categorical:
        frame[column.name] = pd.Categorical([row[column.name][0]], categories=["", "?", *column.vocabulary]).codes
    return booster.predict(frame.to_numpy(dtype=np.float32), num_threads=1)


if __name__ == "__main__":
    main()
