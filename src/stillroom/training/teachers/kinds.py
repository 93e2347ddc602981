"""Every kind of teacher, what chooses among them, and the kind that is made of others: the ensemble."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Self

import numpy as np
import polars as pl
from torch import nn

from stillroom.models.ensemble import Ensemble
from stillroom.table.encoding import Encoding
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.fit import Recipe, Rows
from stillroom.training.settings import ModelConfig
from stillroom.training.teachers.base import Teacher
from stillroom.training.teachers.estimator import EstimatorTeacher
from stillroom.training.teachers.onnx_file import OnnxTeacher
from stillroom.training.teachers.trees import TreesTeacher


def train(model: ModelConfig, rows: Rows, recipe: Recipe) -> Teacher:
    """Train the declared model, whatever its kind. Raises InputError where it cannot be."""
    return KINDS[model.kind].train(model, rows, recipe)


def files_of(teacher: Teacher) -> dict[str, bytes]:
    """What is kept of a teacher: its files, each under its kind."""
    return {f"{teacher.KIND}/{name}": content for name, content in teacher.files().items()}


def restored(files: dict[str, bytes], trusted: Sequence[str] = ()) -> Teacher:
    """The teacher of which `files_of` gave these. Raises ValueError for types that are not ``trusted``."""
    kind = next(iter(files)).partition("/")[0]
    return KINDS[kind].restored({name.removeprefix(f"{kind}/"): content for name, content in files.items()}, trusted)


class EnsembleTeacher(Teacher):
    """Teachers of any kinds, each trained from another seed; of networks alone, it is a network itself."""

    KIND = "ensemble"

    def __init__(self, members: list[Teacher]):
        self.members, self.history = members, []

    @classmethod
    def train(cls, model: ModelConfig, rows: Rows, recipe: Recipe) -> Self:
        """Train each member."""
        recipes = [
            replace(recipe, stage=f"{recipe.stage}-{i}", seed=recipe.seed + i) for i in range(len(model.ensemble or []))
        ]
        return cls([train(m, rows, r) for m, r in zip(model.ensemble or [], recipes, strict=True)])

    def prepared(self, rows: pl.DataFrame, encoding: Encoding) -> Callable[[], np.ndarray]:
        answers = [member.prepared(rows, encoding) for member in self.members]
        return lambda: np.mean([answer() for answer in answers], axis=0)

    def network(self, encoding: Encoding) -> nn.Module | None:
        """The mean of its networks, where all are networks."""
        networks = [member.network(encoding) for member in self.members]
        there = [network for network in networks if network is not None]
        return Ensemble(there).eval() if len(there) == len(networks) else None

    def files(self) -> dict[str, bytes]:
        """Each member's under its number."""
        kept = [files_of(member) for member in self.members]
        return {f"{i}/{name}": content for i, files in enumerate(kept) for name, content in files.items()}

    @classmethod
    def restored(cls, files: dict[str, bytes], trusted: Sequence[str]) -> Self:
        numbers = sorted({int(name.partition("/")[0]) for name in files})
        members = [
            {name.removeprefix(f"{i}/"): content for name, content in files.items() if name.startswith(f"{i}/")}
            for i in numbers
        ]
        return cls([restored(member, trusted) for member in members])


KINDS: dict[str, type[Teacher]] = {
    kind.KIND: kind for kind in (Checkpoint, TreesTeacher, EstimatorTeacher, OnnxTeacher, EnsembleTeacher)
}
