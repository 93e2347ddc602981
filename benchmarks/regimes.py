"""Three things that time does to a model, and what `kedro loop --once` makes of each, on real flights.

    python benchmarks/regimes.py [--params experiment=quick] [--keep DIRECTORY]

Every regime is a copy of the project whose raw flights end on a day that is taken for today. `kedro run` makes its
first champion by a split that lies before; then the loop runs. Prints a line a regime, and fails where one came out
wrong.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

PROJECT = Path(__file__).parents[1]
RAW = "data/01_raw/nycflights13"


CALM = """
# The flights' rows, each at the time of another, drawn at random.
defaults: [flights]
name: calm
source: calm_flights
prepare: null
"""
CATALOG = """
calm_flights:
  type: stillroom.datasets.parquet.ParquetDataset
  filepath: data/01_raw/calm/flights.parquet
"""


@dataclass(frozen=True)
class Regime:
    """``split`` is the first champion's, ``today`` the first day that has not come yet."""

    name: str
    split: tuple[str, str, str]
    today: str
    expected: str
    table: str = "flights"
    loop: str = ""


REGIMES = [
    Regime("a model of January to May, July", ("2013-06-01", "2013-06-15", "2013-07-13"), "2013-07-27", "promoted"),
    Regime(
        "December, a new model of 30 days alone",
        ("2013-09-01", "2013-10-01", "2013-12-01"),
        "2014-01-01",
        "kept",
        loop="retrain.inputs=retrain,retrain.train_days=30",
    ),
    Regime(
        "December, each flight at the time of another",
        ("2013-09-01", "2013-10-01", "2013-12-01"),
        "2014-01-01",
        "healthy",
        table="calm",
    ),
]


def main() -> None:
    """Run all, print what came of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--params", default="trainer.progress=false", help="as of kedro run, for both models")
    parser.add_argument("--keep", type=Path, help="a directory in which the copies stay")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.keep or Path(temporary)
        wrong = [each.name for i, each in enumerate(REGIMES) if not came_right(each, folder / str(i), asked.params)]
    if wrong:
        sys.exit(f"came out otherwise: {'; '.join(wrong)}")


def came_right(regime: Regime, project: Path, params: str) -> bool:
    """Run one and print what came of it."""
    copy_until(regime.today, project)
    if regime.table == "calm":
        calm_down(project)
    names = ("validation", "test", "live")
    split = [f"table.split.{name}={day}" for name, day in zip(names, regime.split, strict=True)]
    declared = ",".join([params, f"table={regime.table}", *split])
    kedro(project, "run", "--params", declared)
    kedro(project, "loop", "--once", "--params", f"{declared},{regime.loop}")
    outcomes = project / f"data/07_model_output/{regime.table}/loop.json"
    outcome = json.loads(outcomes.read_text())["outcomes"][-1]
    print(f"\n{regime.name}\n  expected {regime.expected}, came out {outcome['result']}")
    for reason in [*outcome["reasons"], quality(project, regime.table)]:
        print(f"  {reason}", flush=True)
    return bool(outcome["result"] == regime.expected)


def calm_down(project: Path) -> None:
    """Declare the table whose time tells nothing, and make it."""
    kedro(project, "run", "--pipelines", "prepare")
    rows = pl.read_parquet(project / "data/03_primary/flights/training_table.parquet").drop("split")
    time = rows["scheduled_departure"].sample(fraction=1, shuffle=True, seed=0)
    (project / "data/01_raw/calm").mkdir()
    rows.with_columns(time).write_parquet(project / "data/01_raw/calm/flights.parquet")
    (project / "conf/base/table/calm.yaml").write_text(CALM)
    (project / "conf/base/catalog_calm.yml").write_text(CATALOG)


def quality(project: Path, table: str) -> str:
    """What the monitoring said of the quality of the first champion."""
    report: dict[str, Any] = json.loads((project / f"data/08_reporting/{table}/drift.json").read_text())
    return str(report["quality_sentence"])


def copy_until(today: str, project: Path) -> None:
    """A copy of the project that knows the flights before a day."""
    for folder in ("conf", "src"):
        shutil.copytree(PROJECT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "bentofile.yaml", ".telemetry", "requirements.lock"):
        shutil.copy(PROJECT / file, project / file)
    (project / RAW).mkdir(parents=True)
    for file in (PROJECT / RAW).glob("*.parquet"):
        table = pl.scan_parquet(file)
        if file.stem == "flights":
            table = table.filter(pl.date(pl.col("year"), pl.col("month"), pl.col("day")) < pl.lit(today).str.to_date())
        table.sink_parquet(project / RAW / file.name)


def kedro(project: Path, *arguments: str) -> None:
    """A command in the copy; ends the program where it fails."""
    environment = os.environ | {
        "BENTOML_HOME": str(project / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "PYTHONPATH": str(project / "src"),
    }
    command = [sys.executable, "-m", "kedro", *arguments]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


if __name__ == "__main__":
    main()
