"""LightGBM as a teacher, kept as its own text."""

from collections.abc import Callable, Sequence
from typing import Self

import lightgbm
import numpy as np
import polars as pl

from stillroom.table.encoding import Encoding, encode
from stillroom.training.fit import Recipe, Rows
from stillroom.training.matrix import matrix
from stillroom.training.settings import ModelConfig
from stillroom.training.teachers.base import Teacher
from stillroom.training.trees import TreesConfig, fit_trees

FILE = "lightgbm.txt"


class TreesTeacher(Teacher):
    """A LightGBM booster."""

    KIND = "trees"

    def __init__(self, booster: lightgbm.Booster):
        self.booster, self.history = booster, []

    @classmethod
    def train(cls, model: ModelConfig, rows: Rows, recipe: Recipe) -> Self:
        """Fit, stopped early on the validation rows."""
        train, validation = encode(rows.train, rows.encoding), encode(rows.validation, rows.encoding)
        return cls(fit_trees(train, validation, rows.encoding, model.trees or TreesConfig(), recipe.seed))

    def prepared(self, rows: pl.DataFrame, encoding: Encoding) -> Callable[[], np.ndarray]:
        inputs = matrix(encode(rows.lazy(), encoding))
        return lambda: np.asarray(self.booster.predict(inputs), dtype=np.float32)

    def files(self) -> dict[str, bytes]:
        return {FILE: self.booster.model_to_string().encode()}

    @classmethod
    def restored(cls, files: dict[str, bytes], trusted: Sequence[str] = ()) -> Self:
        return cls(lightgbm.Booster(model_str=files[FILE].decode()))
