"""What had become known strictly before an instant, as running sums of whole numbers per key.

Every event is written twice: it enters when it becomes known and leaves when it no longer counts. The instants asked
for stand among them, each ahead of the events of the same instant. Whole numbers sum up exactly, so neither the order
of rows nor ties matter, and a sum holds exactly the events with known < instant <= until. Unions and running sums are
all it takes, which every engine has; on polars a join by nearest key was hardly faster, and Spark has none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

AT = "at"
NEVER = 2**29
"""An instant (minutes since 1970) after every other, small enough for the windows to sort and sum 32-bit numbers.

Events that never became known wait there: a filter would make polars compute the flights' instants again for every
tally, since it pushes filters below the plan that the tallies share."""


@dataclass(frozen=True)
class Tally:
    """Sums of whole-number `values` of the events known at `known`, each sum over events that have not ended.

    `known` is the instant (null: never). `until` maps the suffix of a sum to the instant at which an event leaves it.
    The sums are named value_suffix, such as `late_3h`.
    """

    known: nw.Expr
    values: Mapping[str, nw.Expr]
    until: Mapping[str, nw.Expr]

    @property
    def names(self) -> list[str]:
        """The sums' names."""
        return [f"{value}_{suffix}" for suffix in self.until for value in self.values]

    def changes(self, flights: nw.LazyFrame, key: str, names: Sequence[str]) -> list[nw.LazyFrame]:
        """Frames of (key, at, names): what enters every sum when it is known, and what leaves each of them later."""
        enters = {f"{v}_{suffix}": value for suffix in self.until for v, value in self.values.items()}
        changes = [_change(flights, key, self.known, enters, names)]
        for suffix, end in self.until.items():
            leaves = {f"{v}_{suffix}": -value for v, value in self.values.items()}
            changes.append(_change(flights, key, end, leaves, names))
        return changes


def last(known: nw.Expr, windows: Mapping[str, int]) -> dict[str, nw.Expr]:
    """`until` of moving windows: suffix to length, in the unit of the instant."""
    return {suffix: known + length for suffix, length in windows.items()}


def known_before(flights: nw.LazyFrame, key: str, tallies: Sequence[Tally], instant: str = "scheduled") -> nw.LazyFrame:
    """The sums as they stood strictly before every instant at which a flight of this key asks.

    Returns one row per key and instant asked for, with columns `key`, `instant` and the sums.
    """
    names = [name for tally in tallies for name in tally.names]
    asked = flights.select(key, (nw.col(instant) * 2).cast(nw.Int32).alias(AT)).unique()
    asked = asked.with_columns(*[nw.lit(0).cast(nw.Int32).alias(name) for name in names])
    changes = [change for tally in tallies for change in tally.changes(flights, key, names)]
    sums = [nw.col(name).cum_sum().over(key, order_by=AT).cast(nw.Int32) for name in names]
    told = nw.concat([asked, *changes], how="vertical").with_columns(*sums).filter(nw.col(AT) % 2 == 0)
    return told.select(key, (nw.col(AT) // 2).cast(nw.Int64).alias(instant), *names)


def _change(
    flights: nw.LazyFrame, key: str, at: nw.Expr, given: Mapping[str, nw.Expr], names: Sequence[str]
) -> nw.LazyFrame:
    """Events stand at odd places, so that they come after whoever asks at the same instant."""
    nought = nw.lit(0).cast(nw.Int32)
    place = (at.fill_null(NEVER) * 2 + 1).cast(nw.Int32)
    changes = [given.get(name, nought).fill_null(0).cast(nw.Int32).alias(name) for name in names]
    return flights.select(key, place.alias(AT), *changes)
