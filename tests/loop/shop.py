"""A small table that a project learns, declared as a user's own, and three ways in which it goes on."""

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from conftest import ROOT, Project

Drift = Literal["none", "concept", "inputs"]
LIVE, DAYS, ROWS_A_DAY = 40, 60, 150
BEGAN = dt.datetime(2024, 1, 1)
TABLE = """
name: shop
source: shop_orders
task: binary
target: returned
time: ordered_at
split: {kind: time, validation: 2024-01-27, test: 2024-02-01, live: 2024-02-10}
numeric: [price, weight, age]
categorical: [channel]
"""
CATALOG = """
shop_orders:
  type: stillroom.datasets.parquet.ParquetDataset
  filepath: data/01_raw/shop/orders.parquet
"""
PARAMS = (
    "table=shop,experiment=quick,trainer.progress=false,trainer.max_epochs=8,trainer.batch_size=128,"
    "compress.student.max_epochs=8,compress.student.batch_size=128,compress.out_of_fold.trees.min_data_in_leaf=10,"
    "compress.prune.ratios=[],compress.quantise.methods=[dynamic],budget=best,release.rounds=20,"
    "monitor.min_rows=300,monitor.bootstrap=50,"
    "retrain.train_days=10,retrain.validation_days=3,retrain.test_days=4"
)


def make_project(path: Path) -> Project:
    """A copy of the project that knows the table, with its orders before the live ones."""
    for folder in ("conf", "src"):
        shutil.copytree(ROOT / folder, path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "bentofile.yaml", ".telemetry"):
        shutil.copy(ROOT / file, path / file)
    (path / "conf/base/table/shop.yaml").write_text(TABLE)
    (path / "conf/base/catalog_shop.yml").write_text(CATALOG)
    copy = Project(path)
    write_orders(copy, days=LIVE)
    return copy


def write_orders(project: Project, days: int, drift: Drift = "none") -> None:
    """The orders of so many days, as the raw table; those before the live ones are always the same."""
    path = project.path / "data/01_raw/shop/orders.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    orders(days, drift).write_parquet(path)


def orders(days: int, drift: Drift) -> pl.DataFrame:
    """What is returned depends on price and channel, from the live days on with `concept` on weight instead of price.

    With `inputs`, prices rise by one and a half standard deviations, and mean what they have meant.
    """
    draw = np.random.default_rng(5)
    rows = days * ROWS_A_DAY
    day = np.arange(rows) // ROWS_A_DAY
    price, weight, age, luck = draw.normal(size=(rows, 4)).T
    channel = draw.integers(0, 3, rows)
    if drift == "inputs":
        price = np.where(day >= LIVE, price + 1.5, price)
    tells = np.where((day >= LIVE) & (drift == "concept"), weight, price)
    returned = 1.5 * tells + (channel == 1) + luck > 0.5
    return pl.DataFrame(
        {
            "price": price,
            "weight": weight,
            "age": age,
            "channel": np.array(["web", "shop", "phone"])[channel],
            "ordered_at": [BEGAN + dt.timedelta(minutes=1440 * i // ROWS_A_DAY) for i in range(rows)],
            "returned": returned.astype(int),
        }
    )


def champion(project: Project) -> dict[str, object]:
    """The champion's record."""
    return dict(json.loads((project.path / "data/06_models/shop/champion.json").read_text()))
