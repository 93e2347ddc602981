"""What every teacher can do: be trained, predict, be kept without a pickle."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Self

import numpy as np
import polars as pl
from torch import nn

from stillroom.table.encoding import Encoding
from stillroom.training.fit import Recipe, Rows
from stillroom.training.settings import ModelConfig


class Teacher(ABC):
    """A trained model of one kind. ``history`` has one entry an epoch, none where it does not learn by epochs."""

    KIND: ClassVar[str]
    history: list[dict[str, float]]

    @classmethod
    @abstractmethod
    def train(cls, model: ModelConfig, rows: Rows, recipe: Recipe) -> Self:
        """Train what is declared on the training rows; raises InputError where it cannot be."""

    @abstractmethod
    def prepared(self, rows: pl.DataFrame, encoding: Encoding) -> Callable[[], np.ndarray]:
        """The prediction of these rows, float32 [N] or [N, classes], its inputs ready: what is timed."""

    def predict(self, rows: pl.LazyFrame, encoding: Encoding) -> np.ndarray:
        """Predict raw rows: float32 [N], or [N, classes]."""
        return self.prepared(rows.collect(), encoding)()

    def network(self, encoding: Encoding) -> nn.Module | None:
        """Itself as a network that can be exported; None where it is none."""
        return None

    @abstractmethod
    def files(self) -> dict[str, bytes]:
        """What is kept of it: files by name."""

    @classmethod
    @abstractmethod
    def restored(cls, files: dict[str, bytes], trusted: Sequence[str]) -> Self:
        """The teacher of which these files were kept; ``trusted`` are types that they may hold beside the usual."""
