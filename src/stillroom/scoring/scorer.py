"""The champion, made ready for whole tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import polars as pl

from stillroom.runtime.session import CPU, open_session
from stillroom.scoring.vocabularies import Vocabulary, take_out
from stillroom.table.errors import InputError
from stillroom.table.inputs import AnyInput, MisfitError
from stillroom.table.kinds import KINDS
from stillroom.table.signature import METADATA_KEY, Signature

PREDICTION = "prediction"
MODEL = "model"


@dataclass(frozen=True)
class Plain:
    """An input that the graph takes as the service hands it over."""

    input: AnyInput

    def raw(self, values: pl.Series) -> np.ndarray:
        """A column as the plain array [rows] that its kind makes of it."""
        return KINDS[self.input.kind].raw(values)

    def array(self, values: np.ndarray) -> np.ndarray:
        """Some of it as the graph takes it; raises MisfitError."""
        return self.input.array(values)


class Scorer:
    """Frames of raw columns in, frames of scores out. Many threads may use it at once, each for one core.

    ``model`` is an exported model's bytes and ``tag`` its version; ``keep`` names the columns that go along. Raises
    what `open_session` raises.
    """

    def __init__(
        self,
        model: bytes,
        tag: str,
        keep: Sequence[str] = (),
        batch_rows: int = 2048,
        providers: Sequence[str] = (CPU,),
    ) -> None:
        graph = onnx.load_model_from_string(model)
        self.signature = Signature.from_metadata({p.key: p.value for p in graph.metadata_props}[METADATA_KEY])
        vocabularies = take_out(graph)
        self._readers: dict[str, Plain | Vocabulary] = {
            each.name: vocabularies.get(each.name) or Plain(each) for each in self.signature.inputs
        }
        self._session = open_session(graph.SerializeToString(), providers)
        self._tag, self._batch_rows = tag, batch_rows
        self.keep = list(keep)

    @property
    def columns(self) -> list[str]:
        """The columns with predictions: one, or one a class."""
        classes = self.signature.classes
        return [f"{PREDICTION}_{name}" for name in classes] if classes else [PREDICTION]

    @property
    def needed(self) -> list[str]:
        """The columns that a table must have."""
        return list(dict.fromkeys([*self.keep, *self.signature.columns]))

    def schema(self, table: pl.Schema) -> pl.Schema:
        """The columns of the scores of such a table."""
        predicted = dict.fromkeys(self.columns, pl.Float32())
        return pl.Schema({**{name: table[name] for name in self.keep}, **predicted, MODEL: pl.String()})

    def score(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The scores of some rows, in their order: what is kept, predictions, and the model's version."""
        predictions = self.predict(rows).reshape(rows.height, len(self.columns))
        scored = [pl.Series(name, predictions[:, i]) for i, name in enumerate(self.columns)]
        return pl.DataFrame([*rows.select(self.keep), *scored]).with_columns(pl.lit(self._tag).alias(MODEL))

    def predict(self, rows: pl.DataFrame) -> np.ndarray:
        """Float32: [rows] probabilities or values, or [rows, classes]; raises InputError for an unreadable picture."""
        raw = {name: reader.raw(rows[name]) for name, reader in self._readers.items()}
        parts = []
        # One call even for no rows, so that the answer has its shape.
        for begin in range(0, max(rows.height, 1), self._batch_rows):
            end = begin + self._batch_rows
            try:
                batch = {name: reader.array(raw[name][begin:end]) for name, reader in self._readers.items()}
            except MisfitError as misfit:
                row = _named(rows.select(self.keep), begin + misfit.row)
                raise InputError(f"to_score: column {misfit.column}{row}: {misfit.problem}") from misfit
            parts.append(self._session.run([PREDICTION], batch)[0])
        return np.concatenate(parts)


def _named(kept: pl.DataFrame, row: int) -> str:
    """A row by the columns that go along: those before it are not counted, since pieces are scored side by side."""
    values = ", ".join(f"{name} {value}" for name, value in kept.row(row, named=True).items())
    return f" of the row with {values}" if values else ""
