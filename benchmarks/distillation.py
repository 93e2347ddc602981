"""The flights' student distilled, against the same network trained on the labels, in one run.

kedro run --pipelines prepare && PYTHONPATH=src python benchmarks/distillation.py

First over seeds, on the default split (train January to August, test October and November), then over three windows of
months: train January to June, July, August, validate the month after, test the two months after that, the encoding
fitted and LightGBM trained on each window's own training rows. Every distilled student learns from the same out-of-fold
LightGBM, folded by blocks of days. Every run is listed; then the means and the gain, each with its standard error.
"""

import argparse
import datetime as dt
import logging
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from stillroom.compression.distil import StudentConfig, Teaching, learn, soft_labels
from stillroom.compression.folds import with_folds
from stillroom.config import GroupConfigLoader
from stillroom.parameters import Parameters, check_parameters
from stillroom.table.encoding import Encoding, encode, fit_encoding
from stillroom.table.metrics import main_score
from stillroom.table.split import SPLIT, part, with_split
from stillroom.training.fit import Recipe, Rows, build_network, predict
from stillroom.training.settings import ModelConfig, OptimizerConfig
from stillroom.training.teachers.kinds import train

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "data/03_primary/flights/training_table.parquet"
# The first days of validation, test, and what comes after it.
WINDOWS = {
    "to August": (dt.date(2013, 9, 1), dt.date(2013, 10, 1), dt.date(2013, 12, 1)),
    "to June": (dt.date(2013, 7, 1), dt.date(2013, 8, 1), dt.date(2013, 10, 1)),
    "to July": (dt.date(2013, 8, 1), dt.date(2013, 9, 1), dt.date(2013, 11, 1)),
}
WAYS = ["labels", "distilled"]


@dataclass(frozen=True)
class Window:
    """The rows of one window, their encoding, and their out-of-fold labels; LightGBM's own test AUC."""

    rows: Rows
    labels: pl.LazyFrame
    test: pl.LazyFrame
    lightgbm: float


def declared() -> Parameters:
    """What `kedro run` declares."""
    chosen = {"table": "flights", "logger": None}
    loader = GroupConfigLoader(ROOT / "conf", runtime_params=chosen, base_env="base", default_run_env="base")
    return check_parameters(loader["parameters"])


def prepared(parameters: Parameters, name: str, sample: int, folder: str) -> Window:
    """One window: split, encoded, labelled by LightGBM out of fold."""
    validation, test, end = WINDOWS[name]
    split = parameters.table.split.model_copy(update={"validation": validation, "test": test, "live": end})
    spec = parameters.table.model_copy(update={"split": split})
    table = with_split(pl.scan_parquet(TABLE).drop(SPLIT).gather_every(sample), spec).collect().lazy()
    parts = {each: part(table, each) for each in ("train", "validation", "test")}
    kept = Encoding.model_validate_json((ROOT / "data/05_model_input/flights/encoding.json").read_text()).columns
    encoding = fit_encoding(parts["train"], spec, [column.name for column in kept], parameters.encoding.bins)
    rows = Rows(parts["train"], parts["validation"], encoding)

    config, seed = parameters.compress.out_of_fold.model_copy(update={"teachers": ["trees"]}), parameters.seed
    recipe = recipe_of(parameters, seed, 0.0, folder)
    teaching = Teaching(parts["validation"], encoding, parameters.model, recipe, config)
    labels = soft_labels(with_folds(parts["train"], spec, config, seed), teaching).lazy()
    lightgbm = train(ModelConfig(trees=parameters.release.yardstick), rows, recipe)
    target = encode(parts["test"], encoding)["target"]
    auc = main_score("binary", target, lightgbm.predict(parts["test"], encoding))
    return Window(rows, labels, parts["test"], auc)


def recipe_of(parameters: Parameters, seed: int, soft_weight: float, folder: str) -> Recipe:
    """How the declared student learns."""
    student: StudentConfig = parameters.compress.student
    length = {name: getattr(student, name) for name in ("max_epochs", "batch_size", "patience")}
    quietly = {"progress": False, "checkpoint_dir": folder}
    trainer = parameters.trainer.model_copy(update=length | quietly)
    optimizer = OptimizerConfig(optimizer=student.optimizer, scheduler=student.scheduler)
    return Recipe("student", optimizer, trainer, seed, None, soft_weight, student.temperature)


def runs(parameters: Parameters, window: Window, name: str, seeds: int, folder: str) -> np.ndarray:
    """Test AUC by seed and way: [seeds, 2], each printed as it comes."""
    test, found = encode(window.test, window.rows.encoding), np.empty((seeds, len(WAYS)))
    for seed in range(seeds):
        for way, weight in enumerate((0.0, parameters.compress.student.soft_weight)):
            begun = time.perf_counter()
            network = build_network(parameters.compress.student, window.rows.encoding, seed)
            recipe = recipe_of(parameters, seed, weight, folder)
            rows = window.rows.train, window.labels, window.rows.validation
            fitted = learn(network, *rows, window.rows.encoding, recipe)
            found[seed, way] = main_score("binary", test["target"], predict(fitted.network, test))
            seconds = time.perf_counter() - begun
            print(f"  {name}, seed {seed}, {WAYS[way]:9}  {found[seed, way]:.4f}  ({seconds:.0f} s)", flush=True)
    return found


def told(name: str, found: np.ndarray, lightgbm: str) -> str:
    """Means and standard errors over the runs, and the gain of each run's pair."""
    runs = len(found)
    errors, gains = found.std(axis=0, ddof=1) / np.sqrt(runs), found[:, 1] - found[:, 0]
    ways = "".join(f"  {way} {m:.4f} ± {e:.4f}" for way, m, e in zip(WAYS, found.mean(axis=0), errors, strict=True))
    gain = f"gain {gains.mean():+.4f} ± {gains.std(ddof=1) / np.sqrt(runs):.4f}, {gains.mean() / errors.max():.1f} x SE"
    return f"{name:16}{ways}  {gain}, better in {(gains > 0).sum()} of {runs}  LightGBM {lightgbm}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="at least 2")
    parser.add_argument("--sample", type=int, default=1, help="take every n-th flight: to try it out")
    given, parameters = parser.parse_args(), declared()
    logging.disable(logging.WARNING)
    begun, results, aucs = time.perf_counter(), {}, {}
    print("Test AUC", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in WINDOWS:
            window = prepared(parameters, name, given.sample, folder)
            print(f"{name}: LightGBM {window.lightgbm:.4f}", flush=True)
            results[name], aucs[name] = runs(parameters, window, name, given.seeds, folder), window.lightgbm
    print()
    for name, found in results.items():
        print(told(name, found, f"{aucs[name]:.4f}"))
    of_windows = np.array([found.mean(axis=0) for found in results.values()])
    print(told("over the windows", of_windows, f"{np.mean(list(aucs.values())):.4f}"))
    print(f"\n{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
