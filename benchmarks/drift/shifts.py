"""Injected shifts: one column of a week's rows changed by so much, the rest left as it was."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

LEVELS: Mapping[str, tuple[float, ...]] = {
    "mean": (0.1, 0.2, 0.3, 0.5, 1.0),
    "swap": (0.01, 0.02, 0.05, 0.1, 0.2),
    "missing": (0.01, 0.02, 0.05, 0.1, 0.2),
}
_CONTINUOUS = 50  # a column with fewer distinct numbers is told by any shift at all, as all of its values are new


@dataclass(frozen=True)
class Shift:
    """``kind`` is `mean` (by ``level`` standard deviations), or `swap` and `missing` (of this share of the rows).

    Swapped rows take one of the column's categories, the same for all of them.
    """

    kind: str
    level: float
    column: str
    seed: int

    def of(self, week: list[pl.DataFrame], table: pl.DataFrame) -> list[pl.DataFrame]:
        """The column alone of each of the week's days, changed; ``table`` says how its values are spread."""
        rng = np.random.default_rng(self.seed)  # the same rows, and more of them, at the next level
        column = pl.col(self.column)
        target = rng.choice(table[self.column].drop_nulls().unique().sort().to_numpy())
        changed = []
        for day in week:
            struck = pl.lit(pl.Series(rng.random(day.height) < self.level))
            to = {
                "mean": lambda: column + self.level * float(table[self.column].std()),  # type: ignore[arg-type]
                "swap": lambda struck=struck: pl.when(struck).then(pl.lit(target)).otherwise(column),
                "missing": lambda struck=struck: pl.when(~struck).then(column),
            }[self.kind]
            changed.append(day.select(to().alias(self.column)))
        return changed


def drawn(table: pl.DataFrame, seed: int) -> list[Shift]:
    """Every kind at every level, each kind of one column drawn of those it can happen to."""
    rng = np.random.default_rng(seed)
    inputs = [name for name in table.columns if name not in ("prediction", "day")]
    texts = [name for name in inputs if table[name].dtype == pl.String]
    numbers = [name for name in inputs if name not in texts and table[name].n_unique() >= _CONTINUOUS]
    columns = {"mean": numbers, "swap": texts, "missing": inputs}
    return [
        Shift(kind, level, column, seed)
        for kind, of in columns.items()
        for column in [str(rng.choice(of))]
        for level in LEVELS[kind]
    ]
