"""The datasets that release and monitor begin with, made from the small table without Kedro's configuration."""

from pathlib import Path
from typing import Any

import onnx
import polars as pl
from kedro.io import DataCatalog, MemoryDataset

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.export import export
from stillroom.compression.settings import ReleaseConfig
from stillroom.datasets.bento import BentoModelDataset
from stillroom.datasets.champion import ChampionDataset, ChampionModelDataset
from stillroom.table.encoding import Encoding, fit_encoding
from stillroom.table.signature import Signature
from stillroom.table.spec import TableSpec
from stillroom.table.split import part, with_split
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.fit import Rows, build_network, fit
from training import small

SPLIT = {"kind": "time", "validation": "2024-01-05", "test": "2024-01-06", "live": "2024-01-09"}
MADE = ["measurements", "test_predictions", "choice", "gate_verdict", "yardsticks"]
RELEASE = {"rounds": 20, "gate": {"samples": 50}, "yardstick": {"max_rounds": 10, "threads": 1}}


class Kept(MemoryDataset):
    """A memory dataset that a runner does not empty when the last node has read it."""

    def __init__(self, *args: Any):
        super().__init__(*args, copy_mode="assign")

    def release(self) -> None:
        """Keep the data."""


def spec(task: str, **changes: Any) -> TableSpec:
    return small.spec(task, **{"split": SPLIT, **changes})


def training_table(task: str) -> pl.LazyFrame:
    """Ten days, of which the last two are live; the categorical `room` is an integer with nulls."""
    frame = small.table(task, 1200).with_columns(room=pl.when(pl.col("height") > -2).then(pl.col("room")))
    return with_split(frame.lazy(), spec(task)).collect().lazy()


def encoding(task: str) -> Encoding:
    declared = spec(task)
    return fit_encoding(part(training_table(task), "train"), declared, declared.columns, bins=4)


def model(task: str, folder: Path, epochs: int = 0) -> onnx.ModelProto:
    """An exported network, trained for some epochs."""
    fitted = encoding(task)
    network = build_network(small.model(), fitted, seed=7)
    if epochs:
        rows = Rows(part(training_table(task), "train"), part(training_table(task), "validation"), fitted)
        network = fit(network, rows, small.recipe(folder, max_epochs=epochs)).network
    signature = Signature(
        table="small",
        task=task,
        target="target",
        classes=fitted.target.classes if task == "multiclass" else None,
        inputs=[c.input for c in fitted.columns],
        candidate="student",
    )
    return export(network, fitted, signature)


def catalog(folder: Path, task: str, candidate: onnx.ModelProto) -> DataCatalog:
    """All that the release pipeline loads; the champion's file and the model store outlive the catalog."""
    champion = str(folder / "champion.json")
    kept = {
        "training_table": training_table(task),
        "encoding": encoding(task),
        "float_models": {"student": candidate},
        "int8_models": {},
        "teacher": Checkpoint(small.model(), build_network(small.model(), encoding(task), seed=1).state_dict()),
        "params:table": spec(task),
        "params:budget": BudgetConfig(),
        "params:release": ReleaseConfig.model_validate(RELEASE),
        "params:seed": 1,
    }
    datasets = {name: Kept(data) for name, data in kept.items()}
    return DataCatalog(
        {
            **datasets,
            **{name: Kept() for name in MADE},
            "standing_champion": ChampionDataset(filepath=champion),
            "standing_model": ChampionModelDataset(filepath=champion),
            "champion": ChampionDataset(filepath=champion),
            "champion_model": ChampionModelDataset(filepath=champion),
            "release_model": BentoModelDataset(name="stillroom_small"),
        }
    )
