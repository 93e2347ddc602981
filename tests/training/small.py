"""A small table of every task, with missing and rare values, for the tests that train, compress and export."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from stillroom.table.encoding import Encoding, fit_encoding
from stillroom.table.spec import TableSpec
from stillroom.training.fit import Recipe, Rows
from stillroom.training.settings import ModelConfig, NetworkConfig, OptimizerConfig, TrainerConfig

NUMERIC, CATEGORICAL = ["height", "year", "flag"], ["colour", "room"]
TASKS = ["binary", "multiclass", "regression"]
NETWORKS: dict[str, dict[str, Any]] = {
    "mlp": {"_target_": "stillroom.models.mlp.Mlp", "widths": [16, 16], "embedding": 3, "dropout": 0.2},
    "tabm": {
        "_target_": "stillroom.models.tabm.TabM",
        "k": 4,
        "blocks": 1,
        "width": 16,
        "numeric_embedding": 3,
        "embedding": 3,
    },
    "ft_transformer": {
        "_target_": "stillroom.models.ft_transformer.FtTransformer",
        "blocks": 1,
        "width": 8,
        "heads": 2,
    },
    "own": {"_target_": "training.own.Own", "size": 8},
}


def table(task: str, rows: int = 400, seed: int = 0) -> pl.DataFrame:
    """Rows over ten days; the target depends on height, colour and room, with some noise."""
    draw = np.random.default_rng(seed)
    height, colour, room = draw.normal(size=rows), draw.integers(0, 3, rows), draw.integers(1, 5, rows)
    signal = height + (colour == 1) - 0.5 * room + 0.3 * draw.normal(size=rows)
    target = {
        "binary": (signal > np.median(signal)).astype(int),
        "multiclass": np.array(["low", "middle", "top"])[np.searchsorted(np.quantile(signal, [1 / 3, 2 / 3]), signal)],
        "regression": 5000 + 300 * signal,
    }[task]
    frame = pl.DataFrame(
        {
            "height": np.where(draw.random(rows) < 0.1, np.nan, height),
            "year": draw.integers(2010, 2014, rows),
            "flag": draw.random(rows) < 0.5,
            "colour": [["red", "green", "blue"][c] if draw.random() > 0.1 else None for c in colour],
            "room": room,
            "when": [dt.datetime(2024, 1, 1) + dt.timedelta(days=10 * i / rows) for i in range(rows)],
            "target": target,
        }
    )
    return frame.with_columns(pl.col("height").fill_nan(None))


def spec(task: str, **changes: Any) -> TableSpec:
    """The table's declaration."""
    declared = {
        "name": "small",
        "source": "small",
        "task": task,
        "target": "target",
        "time": "when",
        "split": {"kind": "time", "validation": "2024-01-07", "test": "2024-01-09"},
        "numeric": NUMERIC,
        "categorical": CATEGORICAL,
    }
    return TableSpec.model_validate(declared | changes)


def encoding(task: str, numeric: list[str] = NUMERIC, categorical: list[str] = CATEGORICAL) -> Encoding:
    """The encoding of these columns, fitted on the small table."""
    declared = spec(task, numeric=numeric, categorical=categorical)
    return fit_encoding(table(task).lazy(), declared, declared.columns, bins=4)


def rows(task: str, train: int = 400) -> Rows:
    """Training and validation rows."""
    return Rows(table(task, train).lazy(), table(task, 200, seed=1).lazy(), encoding(task))


def model(name: str = "mlp", **changes: Any) -> NetworkConfig:
    """The declaration of a small network."""
    return NetworkConfig.model_validate({"network": NETWORKS[name] | changes})


def teacher(name: str = "mlp") -> ModelConfig:
    """The same as the declaration of a teacher."""
    return ModelConfig(network=model(name).network)


def recipe(folder: Path, *, lr: float = 0.01, scheduler: dict[str, Any] | None = None, **trainer: Any) -> Recipe:
    """How to train briefly and in silence, checkpoints in `folder`."""
    softness = {name: trainer.pop(name) for name in ("soft_weight", "temperature") if name in trainer}
    adamw = {"_target_": "torch.optim.AdamW", "lr": lr}
    brief = {"max_epochs": 3, "batch_size": 64, "threads": 1, "progress": False, "checkpoint_dir": str(folder)}
    return Recipe(
        "small",
        OptimizerConfig.model_validate({"optimizer": adamw, "scheduler": scheduler}),
        TrainerConfig.model_validate(brief | trainer),
        seed=7,
        **softness,
    )
