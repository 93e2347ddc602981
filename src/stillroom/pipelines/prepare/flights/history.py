"""What had become known strictly before an instant, as running sums of whole numbers per key.

Every event is written twice: it enters when it becomes known and leaves when its window has passed. All changes of one
key at one instant are summed first, which leaves one row per key and instant, so that neither the order of rows nor
ties matter; the running sum without the instant's own row then holds exactly the events with
instant - window <= known < instant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

AT = "at"


@dataclass(frozen=True)
class Tally:
    """Sums of whole-number `values` over `windows` of the events known at `known`.

    `known` names the column with the instant (null: never). `windows` maps a suffix to a length in the unit of `known`;
    None never ends. The sums are named value_suffix, such as `late_3h`.
    """

    known: str
    values: Mapping[str, nw.Expr]
    windows: Mapping[str, int | None]

    @property
    def names(self) -> list[str]:
        """The sums' names."""
        return [f"{value}_{window}" for window in self.windows for value in self.values]

    def changes(self, flights: nw.LazyFrame, keys: Sequence[str], names: Sequence[str]) -> list[nw.LazyFrame]:
        """Rows (keys, at, names): what enters every sum when it is known, and what leaves it later."""
        events = flights.filter(~nw.col(self.known).is_null()).select(
            *keys, nw.col(self.known).alias(AT), **self.values
        )
        enters = {f"{v}_{w}": nw.col(v) for w in self.windows for v in self.values}
        changes = [events.select(*keys, AT, *_filled(enters, names))]
        for window, length in self.windows.items():
            if length is not None:
                leaves = {f"{v}_{window}": -nw.col(v) for v in self.values}
                changes.append(events.select(*keys, nw.col(AT) + length, *_filled(leaves, names)))
        return changes


def _filled(given: Mapping[str, nw.Expr], names: Sequence[str]) -> list[nw.Expr]:
    nought = nw.lit(0).cast(nw.Int64)
    return [given.get(name, nought).alias(name) for name in names]


def known_before(
    flights: nw.LazyFrame, keys: Sequence[str], tallies: Sequence[Tally], instant: str = "scheduled"
) -> nw.LazyFrame:
    """The sums as they stood strictly before every instant at which a flight of these keys asks.

    Returns one row per keys and instant, with columns `keys`, `instant` and the sums, to be joined to the flights.
    """
    names = [name for tally in tallies for name in tally.names]
    asked = flights.select(*keys, nw.col(instant).alias(AT), *_filled({}, names))
    changes = [change for tally in tallies for change in tally.changes(flights, keys, names)]
    per_instant = (
        nw.concat([*changes, asked], how="vertical").group_by(*keys, AT).agg(*[nw.col(n).sum() for n in names])
    )
    before = [(nw.col(n).cum_sum().over(*keys, order_by=AT) - nw.col(n)).alias(n) for n in names]
    return per_instant.with_columns(*before).rename({AT: instant})
