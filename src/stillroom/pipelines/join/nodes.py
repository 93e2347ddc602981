"""Nodes of the join pipeline."""

import polars as pl

from stillroom.table.encoding import Encoding
from stillroom.table.errors import InputError
from stillroom.table.split import part
from stillroom.training.fit import Recipe, Rows
from stillroom.training.launch import wait_for_first_host
from stillroom.training.settings import ModelConfig, OptimizerConfig, Target, TrainerConfig
from stillroom.training.teachers.kinds import train


def await_first_host(trainer: TrainerConfig) -> str:
    """Wait until the first host has come to its training, for until then it may still write what is trained on."""
    if trainer.rendezvous is None or trainer.nodes == 1:
        raise InputError(
            "there is no training of several hosts to join: choose trainer=multinode as the first host does"
        )
    wait_for_first_host(trainer.rendezvous, trainer.timeout)
    return trainer.rendezvous


def join_teacher(
    first_host: str,
    training_table: pl.LazyFrame,
    encoding: Encoding,
    model: ModelConfig,
    optimizer: Target,
    scheduler: Target | None,
    trainer: TrainerConfig,
    logger: Target | None,
    seed: int,
) -> None:
    """Train the teacher together with the first host, which keeps it."""
    rows = Rows(part(training_table, "train"), part(training_table, "validation"), encoding)
    declared = OptimizerConfig(optimizer=optimizer, scheduler=scheduler)
    train(model, rows, Recipe("teacher", declared, trainer, seed, logger, joins=True))
