"""The champion, made ready for whole tables."""

from collections.abc import Sequence

import numpy as np
import onnx
import polars as pl

from stillroom.runtime.session import CPU, open_session
from stillroom.scoring.readers import Plain, Reader
from stillroom.scoring.vocabularies import take_out
from stillroom.table.errors import InputError
from stillroom.table.inputs import MisfitError
from stillroom.table.signature import METADATA_KEY, Signature

PREDICTION = "prediction"
MODEL = "model"
READY = "ready:"
"""Before the name of an input, beside a column of the same name that is kept."""


class Scorer:
    """Frames in, frames of scores out: `table.select(scorer.ready(table.schema))`, then `score`.

    Many threads may use it at once, each for one core.
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
        self._readers: dict[str, Reader] = {
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

    def ready(self, table: pl.Schema) -> list[pl.Expr]:
        """What `score` takes of such a table: the columns that are kept, and the model's inputs made ready."""
        inputs = [
            each.expression(pl.col(name), table[name]).alias(f"{READY}{name}") for name, each in self._readers.items()
        ]
        return [*map(pl.col, self.keep), *inputs]

    def score(self, ready: pl.DataFrame) -> pl.DataFrame:
        """The scores of some rows, in their order: what is kept, predictions, and the model's version."""
        predictions = self.predict(ready).reshape(ready.height, len(self.columns))
        scored = [pl.Series(name, predictions[:, i]) for i, name in enumerate(self.columns)]
        return pl.DataFrame([*ready.select(self.keep), *scored]).with_columns(pl.lit(self._tag).alias(MODEL))

    def predict(self, ready: pl.DataFrame) -> np.ndarray:
        """Float32: [rows] probabilities or values, or [rows, classes]; raises InputError for an unreadable picture."""
        whole = {name: each.whole(ready[f"{READY}{name}"]) for name, each in self._readers.items()}
        parts = []
        # One call even for no rows, so that the answer has its shape.
        for begin in range(0, max(ready.height, 1), self._batch_rows):
            end = begin + self._batch_rows
            try:
                batch = {name: each.batch(whole[name][begin:end]) for name, each in self._readers.items()}
            except MisfitError as misfit:
                row = _named(ready.select(self.keep), begin + misfit.row)
                raise InputError(f"to_score: column {misfit.column}{row}: {misfit.problem}") from misfit
            parts.append(self._session.run([PREDICTION], batch)[0])
        return np.concatenate(parts)


def _named(kept: pl.DataFrame, row: int) -> str:
    """A row by the columns that go along: those before it are not counted, since pieces are scored side by side."""
    values = ", ".join(f"{name} {value}" for name, value in kept.row(row, named=True).items())
    return f" of the row with {values}" if values else ""
