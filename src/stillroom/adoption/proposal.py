"""From rows and a target to the proposal of a table: its task, what each column is for, its split, and why."""

from dataclasses import dataclass, replace

import polars as pl

from stillroom.adoption.columns import Measured, measure
from stillroom.adoption.roles import Part, Role, can_be_learnt, role_of
from stillroom.adoption.split import as_time, never_taught, split_at_random, split_by_time
from stillroom.adoption.suspicion import ROWS, suspicious
from stillroom.adoption.target import Aim, find_aim
from stillroom.table.errors import InputError
from stillroom.table.spec import RESERVED, RandomSplit, TableSpec, Task, TimeSplit

FEWEST_ROWS, MOST_COLUMNS = 100, 1000
SMALL, MEDIUM = 3_000, 150_000
FEW_ROWS, FEW_ROWS_COUNT = 1000, 3
NAMED = ("target", "time", "group")


@dataclass(frozen=True)
class Wishes:
    """What the user says of a table; what is None is found out.

    ``made`` is the dataset that the own ``prepare`` nodes make, and ``catalogued`` whether it has a catalog entry.
    """

    name: str
    target: str
    time: str | None = None
    group: str | None = None
    task: Task | None = None
    prepare: str | None = None
    made: str | None = None
    catalogued: bool = False


@dataclass(frozen=True)
class Proposal:
    """All that is declared of a table, with the reasons; ``rows`` are written as its source."""

    wishes: Wishes
    rows: pl.LazyFrame
    measured: dict[str, Measured]
    aim: Aim
    split: TimeSplit | RandomSplit
    roles: dict[str, Role]
    renamed: dict[str, str]

    @property
    def count(self) -> int:
        """How many rows there are."""
        return next(iter(self.measured.values())).rows

    @property
    def preset(self) -> str | None:
        """The experiment that suits so many rows; None: the defaults do."""
        if self.count < SMALL:
            return "small"
        return "medium" if self.count < MEDIUM else None

    def part(self, part: Part) -> dict[str, str]:
        """The columns that play a part, and why."""
        return {name: role.why for name, role in self.roles.items() if role.part == part}

    def one(self, part: Part) -> str | None:
        """The column that plays a part which only one can play."""
        return next(iter(self.part(part)), None)

    @property
    def source(self) -> str:
        """The catalog entry with the rows."""
        return self.wishes.made or f"{self.wishes.name}_raw"

    @property
    def spec(self) -> TableSpec:
        """The declaration."""
        return TableSpec(
            name=self.wishes.name,
            source=self.source,
            prepare=self.wishes.prepare,
            task=self.aim.task,
            target=self.wishes.target,
            time=self.wishes.time,
            row_id=self.one("row_id"),
            group=self.one("group"),
            split=self.split,
            numeric=list(self.part("numeric")),
            categorical=list(self.part("categorical")),
            forbidden=list(self.part("forbidden")),
            min_category_count=FEW_ROWS_COUNT if self.count < FEW_ROWS else 10,
        )


def propose(rows: pl.LazyFrame, wishes: Wishes) -> Proposal:
    """Look at the rows and propose. Raises InputError with one sentence where they are no table to learn from."""
    rows, renamed = _renamed(rows)
    wishes = replace(wishes, **{key: renamed.get(getattr(wishes, key), getattr(wishes, key)) for key in NAMED})
    _check_columns(rows, wishes)
    rows = as_time(rows, wishes.time) if wishes.time and not wishes.prepare else rows
    measured = {column.name: column for column in measure(rows)}
    count = next(iter(measured.values())).rows
    if count < FEWEST_ROWS:
        raise InputError(f"the table has {count} row(s): it takes {FEWEST_ROWS} to learn, to validate and to test")
    aim = find_aim(rows, measured[wishes.target], wishes.task)
    roles = _roles(rows, measured, aim, wishes)
    split = split_by_time(rows, wishes.time) if wishes.time else split_at_random()
    proposal = _without_unlearnable(Proposal(wishes, rows, measured, aim, split, roles, renamed))
    if wishes.prepare and (renamed or proposal.aim.rare):
        wrong = [*(f"rename {name!r}" for name in renamed), *(f"drop the class {name!r}" for name in proposal.aim.rare)]
        raise InputError(
            f"--prepare {wishes.prepare}: let your nodes {', '.join(wrong)}, which cannot be done for them"
        )
    return proposal


def _renamed(rows: pl.LazyFrame) -> tuple[pl.LazyFrame, dict[str, str]]:
    """Columns without a name, and with one that means something to Stillroom or its configuration, get another."""
    names = rows.collect_schema().names()
    renamed: dict[str, str] = {}
    for name in names:
        other = "unnamed" if not name else f"{name}_" if name in RESERVED else name.replace("${", "_{")
        while other != name and (other in names or other in renamed.values()):
            other += "_"
        if other != name:
            renamed[name] = other
    return rows.rename(renamed), renamed


def _check_columns(rows: pl.LazyFrame, wishes: Wishes) -> None:
    names = rows.collect_schema().names()
    if len(names) > MOST_COLUMNS:
        raise InputError(
            f"the table has {len(names):,} columns; a service takes {MOST_COLUMNS:,} inputs at most: choose those "
            "that may matter in a query (--sql)"
        )
    for option in NAMED:
        name = getattr(wishes, option)
        if name is not None and name not in names:
            raise InputError(f"--{option} {name}: there is no such column; the columns are {_listed(names)}")


def _listed(names: list[str]) -> str:
    return ", ".join(names[:30]) + (f" and {len(names) - 30} more" if len(names) > 30 else "")


def _roles(rows: pl.LazyFrame, measured: dict[str, Measured], aim: Aim, wishes: Wishes) -> dict[str, Role]:
    roles = {name: role_of(c) for name, c in measured.items() if name not in (wishes.target, wishes.time)}
    if wishes.group:
        roles[wishes.group] = Role("group", "as --group says")
    roles = _only_one(roles, measured, wishes)
    seen = [name for name, role in roles.items() if role.part in ("numeric", "categorical")]
    sample = _sample(rows, [*seen, wishes.target], next(iter(measured.values())).rows)
    suspects = suspicious(sample, seen, wishes.target, aim.task)
    roles |= {name: Role("forbidden", why) for name, why in suspects.items()}
    if not any(role.part in ("numeric", "categorical") for role in roles.values()):
        reasons = "; ".join(f"{name}: {role.why}" for name, role in list(roles.items())[:5])
        raise InputError(f"no column is left to predict {wishes.target} from ({reasons or 'it is the only one'})")
    return roles


def _only_one(roles: dict[str, Role], measured: dict[str, Measured], wishes: Wishes) -> dict[str, Role]:
    """One identifier of the rows and one group stay: the one with the fewest values, which keeps most together.

    A group that nobody asked for matters in a random split alone.
    """
    groups = [name for name, role in roles.items() if role.part == "group"]
    group = wishes.group or (None if wishes.time else min(groups, key=lambda c: measured[c].distinct, default=None))
    row_id = next((name for name, role in roles.items() if role.part == "row_id"), None)
    parts: dict[str, Part] = {name: role.part for name, role in roles.items()}
    for name, part in parts.items():
        if part == "group" and name != group:
            parts[name] = "categorical" if can_be_learnt(measured[name]) else "forbidden"
        elif part == "row_id" and name != row_id:
            parts[name] = "forbidden"
    return {name: replace(role, part=parts[name]) for name, role in roles.items()}


def _sample(rows: pl.LazyFrame, columns: list[str], count: int) -> pl.DataFrame:
    """At most `ROWS` rows from all over the table, in random order."""
    every = -(-count // ROWS)
    return rows.select(columns).gather_every(every).collect().sample(fraction=1, shuffle=True, seed=0)


def _without_unlearnable(proposal: Proposal) -> Proposal:
    """Rows of classes that no model can be taught become unlabelled. Raises InputError as `never_taught` does."""
    rare, target = proposal.aim.rare, proposal.wishes.target
    proposal = replace(proposal, rows=_unlabelled(proposal.rows, target, rare))
    late = never_taught(proposal.rows, proposal.spec)
    why = f"{proposal.aim.why}; so do rows of {len(late)} that come only after the training part" if late else ""
    aim = replace(proposal.aim, rare=[*rare, *late], why=why or proposal.aim.why)
    rows = _unlabelled(proposal.rows, target, late)
    (left,) = measure(rows.select(target))
    return replace(proposal, aim=aim, rows=rows, measured={**proposal.measured, target: left})


def _unlabelled(rows: pl.LazyFrame, target: str, classes: list[str]) -> pl.LazyFrame:
    if not classes:
        return rows
    value = pl.col(target)
    return rows.with_columns(pl.when(~value.cast(pl.String).is_in(classes)).then(value))
