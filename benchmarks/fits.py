"""What the benchmarks of training share: the rows and the recipe of `kedro run --params ...`, and how it is timed."""

import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from stillroom.config import GroupConfigLoader
from stillroom.parameters import Parameters, check_parameters
from stillroom.table.encoding import Encoding
from stillroom.table.split import part
from stillroom.training.fit import Fitted, Recipe, Rows, build_network, fit
from stillroom.training.settings import NetworkConfig, OptimizerConfig

ROOT = Path(__file__).parents[1]


def declared(params: dict[str, Any]) -> Parameters:
    """What `kedro run --params ...` declares."""
    loader = GroupConfigLoader(ROOT / "conf", runtime_params=params, base_env="base", default_run_env="base")
    return check_parameters(loader["parameters"])


def prepared(table: str, times: int = 1, most: int = 10**9) -> Rows:
    """The table as `kedro run --pipelines prepare` left it; its training rows several times over, or the first ones."""
    whole = pl.scan_parquet(ROOT / f"data/03_primary/{table}/training_table.parquet")
    file = ROOT / f"data/05_model_input/{table}/encoding.json"
    encoding = Encoding.model_validate_json(file.read_text())
    return Rows(pl.concat([part(whole, "train").head(most)] * times), part(whole, "validation"), encoding)


def recipe(parameters: Parameters, folder: str, **trainer: Any) -> Recipe:
    """The recipe of the teacher, in silence."""
    optimizer = OptimizerConfig(optimizer=parameters.optimizer, scheduler=parameters.scheduler)
    changes = {"progress": False, "checkpoint_dir": folder, **trainer}
    config = parameters.trainer.model_validate(parameters.trainer.model_dump(by_alias=True) | changes)
    return Recipe("teacher", optimizer, config, parameters.seed, parameters.logger)


def timed_fit(parameters: Parameters, rows: Rows, declared_recipe: Recipe) -> tuple[float, Fitted]:
    """Seconds of a whole fit: encoding, training, validation after each epoch, checkpoints, the log."""
    assert parameters.model.network is not None
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    network = build_network(NetworkConfig(network=parameters.model.network), rows.encoding, parameters.seed)
    start = time.perf_counter()
    fitted = fit(network, rows, declared_recipe)
    return time.perf_counter() - start, fitted


def seconds_an_epoch(parameters: Parameters, rows: Rows, declared_recipe: Recipe, epochs: int) -> float:
    """What one more epoch takes: the time of some epochs less that of one, so that starting processes counts not."""
    taken = {}
    for count in (1, 1 + epochs):
        trainer = declared_recipe.trainer.model_copy(update={"max_epochs": count, "patience": count})
        taken[count], _ = timed_fit(parameters, rows, replace(declared_recipe, trainer=trainer))
    return (taken[1 + epochs] - taken[1]) / epochs


def count(rows: pl.LazyFrame) -> int:
    """How many rows there are."""
    return int(rows.select(pl.len()).collect().item())
