"""Whether a table can be scored at all, before its first row is."""

from collections.abc import Collection, Iterable

import polars as pl

from stillroom.scoring.scorer import MODEL, Scorer
from stillroom.table.errors import InputError
from stillroom.table.kinds import KINDS

MOST_NAMED = 10


def check_table(table: pl.Schema, scorer: Scorer) -> None:
    """Raises InputError with one sentence for columns that are not there, of a wrong type, or cannot be kept."""
    absent = [name for name in scorer.needed if name not in table]
    if absent:
        raise InputError(
            f"to_score has no {_listed(absent)}: the model takes {_listed(scorer.signature.columns)}; "
            "give every one of them a column, empty where nothing is known"
        )
    problems = [
        f"{each.name}: {problem}"
        for each in scorer.signature.inputs
        if (problem := KINDS[each.kind].problem(table[each.name]))
    ]
    if problems:
        raise InputError(f"to_score does not fit the model: {_listed(problems, '; ')}")
    taken = [name for name in scorer.keep if name in (*scorer.columns, MODEL)]
    if taken:
        raise InputError(f"score.keep: the scores have a {_listed(taken)} of their own; rename the column in to_score")


def kept(row_id: str | None, declared: Iterable[str], columns: Collection[str]) -> list[str]:
    """The columns that go along with the scores: the rows' identifier, where the table has it, and those declared."""
    identifier = [row_id] if row_id and row_id in columns else []
    return list(dict.fromkeys([*identifier, *declared]))


def _listed(names: list[str], between: str = ", ") -> str:
    more = f"{between}and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return between.join(names[:MOST_NAMED]) + more
