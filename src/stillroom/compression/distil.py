"""Distil: soft labels of rows that the teachers had not seen, and a network that learns from them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from stillroom.compression.folds import ROW, out_of_fold
from stillroom.compression.settings import OutOfFoldConfig
from stillroom.models.network import TableNetwork
from stillroom.table.encoding import Encoding, encode
from stillroom.training.fit import SOFT, Fitted, Recipe, Rows, build_network, fit, predict
from stillroom.training.settings import ModelConfig
from stillroom.training.trees import fit_trees, predict_trees

Predictor = Callable[[pl.LazyFrame], np.ndarray]


@dataclass(frozen=True)
class Teaching:
    """What the out-of-fold teachers are taught with, beside the training rows."""

    validation: pl.LazyFrame
    encoding: Encoding
    model: ModelConfig
    recipe: Recipe
    config: OutOfFoldConfig


def soft_labels(folded: pl.LazyFrame, teaching: Teaching) -> pl.DataFrame:
    """One soft label a training row: the mean prediction of the declared teachers, none of which has seen the row.

    Returns the rows' numbers and `soft_target_0`, or one such column a class, in row order.
    """

    def teach(rows: pl.LazyFrame, fold: int) -> Predictor:
        teachers = [TEACHERS[name](rows, fold, teaching) for name in teaching.config.teachers]
        return lambda held_out: np.mean([teacher(held_out) for teacher in teachers], axis=0)

    labels = out_of_fold(folded, teaching.config.folds, teach)
    columns = labels.reshape(len(labels), -1).astype(np.float32)
    named = {f"{SOFT}_{i}": columns[:, i] for i in range(columns.shape[1])}
    return pl.DataFrame(named).with_row_index(ROW)


def learn(
    network: TableNetwork,
    train: pl.LazyFrame,
    labels: pl.LazyFrame,
    validation: pl.LazyFrame,
    encoding: Encoding,
    recipe: Recipe,
) -> Fitted:
    """Train a student on the training rows with their soft labels, mixed by `recipe.soft_weight`."""
    labelled = train.with_row_index(ROW).join(labels, on=ROW, how="left", maintain_order="left")
    return fit(network, Rows(labelled, validation, encoding), recipe)


def _network_teacher(rows: pl.LazyFrame, fold: int, teaching: Teaching) -> Predictor:
    trainer = teaching.recipe.trainer.model_copy(update={"max_epochs": teaching.config.max_epochs})
    recipe = replace(teaching.recipe, stage=f"teacher-fold-{fold}", trainer=trainer)
    network = build_network(teaching.model, teaching.encoding, recipe.seed + fold)
    fitted = fit(network, Rows(rows, teaching.validation, teaching.encoding), recipe)
    return lambda held_out: predict(fitted.network, encode(held_out, teaching.encoding))


def _tree_teacher(rows: pl.LazyFrame, fold: int, teaching: Teaching) -> Predictor:
    encoding, seed = teaching.encoding, teaching.recipe.seed + fold
    train, validation = encode(rows, encoding), encode(teaching.validation, encoding)
    booster = fit_trees(train, validation, encoding, teaching.config.trees, seed)
    return lambda held_out: predict_trees(booster, encode(held_out, teaching.encoding))


TEACHERS = {"network": _network_teacher, "trees": _tree_teacher}
