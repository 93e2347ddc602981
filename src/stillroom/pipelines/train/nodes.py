"""Nodes of the train pipeline."""

import polars as pl

from stillroom.table.encoding import Encoding
from stillroom.table.split import part
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.fit import Recipe, Rows, build_network, fit
from stillroom.training.settings import ModelConfig, OptimizerConfig, Target, TrainerConfig


def train_teacher(
    training_table: pl.LazyFrame,
    encoding: Encoding,
    model: ModelConfig,
    optimizer: Target,
    scheduler: Target | None,
    trainer: TrainerConfig,
    logger: Target | None,
    seed: int,
) -> Checkpoint:
    """Train the declared network on the training split, stopped early on the validation split."""
    network = build_network(model, encoding, seed)
    rows = Rows(part(training_table, "train"), part(training_table, "validation"), encoding)
    recipe = Recipe("teacher", OptimizerConfig(optimizer=optimizer, scheduler=scheduler), trainer, seed, logger)
    return Checkpoint.of(fit(network, rows, recipe), model)
