"""Distil: soft labels of rows that the teachers had not seen, and a network that learns from them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from pydantic import Field

from stillroom.compression.folds import ROW, OutOfFoldConfig, out_of_fold
from stillroom.models.network import TableNetwork
from stillroom.table.encoding import Encoding
from stillroom.training.fit import Fitted, Recipe, Rows, fit
from stillroom.training.settings import ModelConfig, NetworkConfig, OptimizerConfig
from stillroom.training.soft import SOFT_TARGET
from stillroom.training.teachers.base import Teacher
from stillroom.training.teachers.kinds import train

logger = logging.getLogger(__name__)

Predictor = Callable[[pl.LazyFrame], np.ndarray]


class StudentConfig(NetworkConfig, OptimizerConfig):
    """The student: its network, how it is trained, and how much it listens to the teacher.

    ``soft_weight`` 1 learns from the teacher alone, 0 from the labels alone. ``temperature`` divides the logits of
    both: above 1 it learns more of the classes that the teacher thinks unlikely; a regression has none (1).
    """

    max_epochs: int = Field(gt=0)
    batch_size: int = Field(gt=0)
    patience: int = Field(gt=0)
    soft_weight: float = Field(default=1.0, ge=0, le=1)
    temperature: float = Field(default=1.0, gt=0)


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
    _warn(teaching)

    def teach(rows: pl.LazyFrame, fold: int) -> Predictor:
        teachers = [_taught(name, rows, fold, teaching) for name in teaching.config.teachers]
        return lambda held_out: mean_answer(teachers, held_out, teaching.encoding)

    return _as_columns(out_of_fold(folded, teaching.config.folds, teach)).with_row_index(ROW)


def whole_labels(rows: pl.LazyFrame, model: Teacher, train_rows: pl.LazyFrame, teaching: Teaching) -> pl.DataFrame:
    """One soft label a row: the mean prediction of the declared teachers, taught all training rows.

    ``model`` is the declared model, trained already. Returns `soft_target_0`, or one such column a class.
    """
    _warn(teaching)
    whole = teaching.config.folds  # the number after the folds'
    names = teaching.config.teachers
    teachers = [model if name == "model" else _taught(name, train_rows, whole, teaching) for name in names]
    return _as_columns(mean_answer(teachers, rows, teaching.encoding))


def learn(
    network: TableNetwork,
    train: pl.LazyFrame,
    labels: pl.LazyFrame,
    validation: pl.LazyFrame,
    encoding: Encoding,
    recipe: Recipe,
    synthetic: pl.LazyFrame | None = None,
) -> Fitted:
    """Train a student on the training rows with their soft labels, by `recipe.soft_weight` and `recipe.temperature`.

    ``synthetic`` rows, which have soft labels alone, are learnt from as well.
    """
    labelled = train.with_row_index(ROW).join(labels, on=ROW, how="left", maintain_order="left")
    return fit(network, Rows(labelled, validation, encoding, synthetic), recipe)


def mean_answer(teachers: Sequence[Teacher], rows: pl.LazyFrame, encoding: Encoding) -> np.ndarray:
    """The mean prediction of several teachers: [N], or [N, classes]."""
    return np.mean([teacher.predict(rows, encoding) for teacher in teachers], axis=0)


def _warn(teaching: Teaching) -> None:
    """Of labels that may not be what is expected of the declared model."""
    teaches, model = "model" in teaching.config.teachers, teaching.model
    if teaches and model.files:
        files = ", ".join(model.files)
        logger.warning("%s is not trained anew: its labels are good only if it has not seen the training rows", files)
    if not teaches and model.network is None:
        logger.warning(
            "the declared model (%s) does not teach the student, LightGBM of compress.out_of_fold.trees does: "
            "compress.out_of_fold.teachers=[model] lets it",
            model.kind,
        )


def _taught(name: str, rows: pl.LazyFrame, fold: int, teaching: Teaching) -> Teacher:
    model = teaching.model if name == "model" else ModelConfig(trees=teaching.config.trees)
    trainer = teaching.recipe.trainer.model_copy(update={"max_epochs": teaching.config.max_epochs})
    seed = teaching.recipe.seed + fold
    recipe = replace(teaching.recipe, stage=f"teacher-fold-{fold}", trainer=trainer, seed=seed)
    return train(model, Rows(rows, teaching.validation, teaching.encoding), recipe)


def _as_columns(labels: np.ndarray) -> pl.DataFrame:
    columns = labels.reshape(len(labels), -1).astype(np.float32)
    return pl.DataFrame({f"{SOFT_TARGET}_{i}": columns[:, i] for i in range(columns.shape[1])})
