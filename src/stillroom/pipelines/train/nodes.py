"""Nodes of the train pipeline."""

import polars as pl

from stillroom.table.encoding import Encoding
from stillroom.table.split import part
from stillroom.training.fit import Recipe, Rows
from stillroom.training.settings import ModelConfig, OptimizerConfig, Target, TrainerConfig
from stillroom.training.teachers.base import Teacher
from stillroom.training.teachers.kinds import train


def train_teacher(
    training_table: pl.LazyFrame,
    encoding: Encoding,
    model: ModelConfig,
    optimizer: Target,
    scheduler: Target | None,
    trainer: TrainerConfig,
    logger: Target | None,
    seed: int,
) -> Teacher:
    """Train the declared model on the training split, stopped early on the validation split."""
    rows = Rows(part(training_table, "train"), part(training_table, "validation"), encoding)
    recipe = Recipe("teacher", OptimizerConfig(optimizer=optimizer, scheduler=scheduler), trainer, seed, logger)
    return train(model, rows, recipe)
