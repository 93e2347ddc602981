"""The declaration of a table: what is predicted, from which columns, on which split.

This module is packed into the Bento, so it imports nothing but pydantic.
"""

import datetime as dt
import hashlib
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

RESERVED = ("split", "prediction")
"""Column names that Stillroom adds itself."""

Task = Literal["binary", "multiclass", "regression"]
Kind = Literal["numeric", "categorical", "image"]


class Declared(BaseModel):
    """Base of everything that is declared in ``conf``: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TimeSplit(Declared):
    """Split by the time column; each date is the first day of its part.

    Rows before ``train`` take no part; None trains on all there are. ``live`` is the part that is replayed as traffic;
    None where there is none.
    """

    kind: Literal["time"]
    train: dt.date | None = None
    validation: dt.date
    test: dt.date
    live: dt.date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        dates = [date for date in (self.train, self.validation, self.test, self.live) if date]
        if dates != sorted(set(dates)):
            raise ValueError("split: train, validation, test and live must be dates in rising order")
        return self


class RandomSplit(Declared):
    """Split at random with a seed; each number is a share of the rows."""

    kind: Literal["random"]
    seed: int
    validation: float = Field(gt=0, lt=1)
    test: float = Field(gt=0, lt=1)
    live: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _leaves_training_rows(self) -> Self:
        if self.validation + self.test + self.live >= 1:
            raise ValueError("split: validation, test and live together must leave rows to train on")
        return self


class Redundancy(Declared):
    """The rule by which redundant columns are dropped, fitted on the training split."""

    constant: bool = True
    duplicate: bool = True
    max_missing: float = Field(default=0.99, gt=0, le=1)
    max_correlation: float = Field(default=0.99, gt=0, le=1)


class ImageSpec(Declared):
    """The size to which the pictures of a column are brought; ``channels`` is 1 for grey levels, 3 for RGB."""

    height: int = Field(gt=0)
    width: int = Field(gt=0)
    channels: Literal[1, 3] = 1


class TableSpec(Declared):
    """One table: its task, its columns, its split, and what would leak.

    ``source`` names the catalog entry with one row per example; ``prepare`` the package of the
    nodes that make it from raw tables, where the table needs any (its ``create_pipeline``). ``row_id``
    names each row; without one a random split goes by row number, so the source must keep its order.
    ``group`` names what rows belong together, such as a patient: a random split and folds keep them on one side.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    source: str
    prepare: str | None = None
    task: Task
    target: str
    time: str | None = None
    row_id: str | None = None
    group: str | None = None
    split: Annotated[TimeSplit | RandomSplit, Field(discriminator="kind")]
    numeric: list[str] = []
    categorical: list[str] = []
    image: dict[str, ImageSpec] = {}
    forbidden: list[str] = []
    max_categories: int = Field(default=1000, gt=0)
    min_category_count: int = Field(default=10, gt=0)
    redundancy: Redundancy = Redundancy()

    @property
    def columns(self) -> list[str]:
        """The raw columns that the model sees, kind by kind."""
        return [*self.numeric, *self.categorical, *self.image]

    def kind_of(self, column: str) -> Kind:
        """The declared kind of a column that the model sees."""
        if column in self.image:
            return "image"
        return "numeric" if column in self.numeric else "categorical"

    @property
    def fingerprint(self) -> str:
        """A 16-digit hash of the declaration."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]

    @model_validator(mode="after")
    def _columns_are_sound(self) -> Self:
        if not self.columns:
            raise ValueError(f"table {self.name}: no numeric, categorical or image columns are declared")
        twice = sorted({c for c in self.columns if self.columns.count(c) > 1})
        if twice:
            raise ValueError(f"table {self.name}: declared twice: {', '.join(twice)}")
        taken = [c for c in (*self.columns, self.target, self.time, self.row_id, self.group) if c in RESERVED]
        if taken:
            raise ValueError(f"table {self.name}: {', '.join(taken)} is a name that Stillroom uses itself; rename it")
        kept_out = {self.target, self.time, self.row_id, *self.forbidden}
        leaks = [c for c in self.columns if c in kept_out]
        if leaks:
            raise ValueError(
                f"table {self.name}: {', '.join(leaks)} would leak: a target, time, identifier or "
                "forbidden column cannot be an input; take it out of numeric/categorical"
            )
        if len({(picture.height, picture.width) for picture in self.image.values()}) > 1:
            raise ValueError(
                f"table {self.name}: its image columns must share one height and width, since networks "
                "see them side by side"
            )
        if isinstance(self.split, TimeSplit) and self.time is None:
            raise ValueError(f"table {self.name}: a time split needs the key `time`, the column to split by")
        return self
