"""What each column of a table is for, and why: the first rule that applies decides."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from stillroom.adoption.columns import RARE, Measured, is_measurable

Part = Literal["numeric", "categorical", "forbidden", "row_id", "group"]

IDENTIFIERS = {"id", "ids", "uid", "uuid", "guid", "key", "index", "rownames", "rowname", "rowid", "unnamed"}
CODES = IDENTIFIERS | {"code", "cd", "zip", "zipcode", "postcode", "postal", "type", "kind", "class", "category",
                       "region", "state", "county", "district", "department", "dept", "branch", "channel"}  # fmt: skip
MOST_CODES = 1000
FEWEST_GROUPS = 50
LONGEST = 4


@dataclass(frozen=True)
class Role:
    """What a column is for, and the reason as a comment in the declaration tells it."""

    part: Part
    why: str


def role_of(column: Measured) -> Role:
    """The part that a column plays, as far as it tells by itself."""
    for rule in RULES:
        role = rule(column)
        if role:
            return role
    return _number(column)


def _no_single_value(column: Measured) -> Role | None:
    if column.dtype == pl.Binary:
        return Role("forbidden", "bytes: if they are pictures, declare them under image")
    odd = not is_measurable(column.dtype) and column.dtype != pl.Null
    if odd or column.dtype in (pl.Duration, pl.Time):
        return Role("forbidden", f"{column.dtype}: no single number or text; take it apart in a query (--sql)")
    return None


def _says_nothing(column: Measured) -> Role | None:
    if column.present == 0:
        return Role("forbidden", "missing in every row")
    if column.distinct == 1 and column.missing == 0:
        return Role("forbidden", "constant: the same value in every row")
    return None


def _date(column: Measured) -> Role | None:
    if not column.dtype.is_temporal():
        return None
    span = f"{column.low:%Y-%m-%d} to {column.high:%Y-%m-%d}"
    return Role("forbidden", f"dates, {span}: later ones will be new to a model; take what repeats, by a query (--sql)")


def _names_rows(column: Measured) -> Role | None:
    """Unique, and either called so, counting up, or text of few words."""
    if not column.unique or column.dtype.is_float():
        return None
    called = bool(IDENTIFIERS & set(column.tokens)) or not column.tokens
    counting = column.dtype.is_integer() and column.high - column.low == column.distinct - 1
    if called or counting or (column.dtype == pl.String and column.words < LONGEST):
        part: Part = "row_id" if column.missing == 0 else "forbidden"
        return Role(part, f"identifier: {column.distinct:,} different values, each in one row")
    return None


def _names_things(column: Measured) -> Role | None:
    """Called an identifier, yet in several rows each: rows that belong together."""
    if column.tokens[-1:] == [] or column.tokens[-1] not in IDENTIFIERS or column.dtype.is_float():
        return None
    each = column.present / column.distinct
    if column.distinct > FEWEST_GROUPS and each >= 1.5:
        return Role("group", f"{column.distinct:,} different values, {each:,.1f} rows each")
    return None


def _truth(column: Measured) -> Role | None:
    return Role("categorical", f"true or false{_gaps(column)}") if column.dtype == pl.Boolean else None


def _text(column: Measured) -> Role | None:
    if column.dtype != pl.String:
        return None
    counted = f"{column.distinct:,} different texts"
    if column.familiar < 0.2 and column.distinct > 20:
        kind = "free text" if column.words >= LONGEST else "texts that hardly repeat"
        return Role("forbidden", f"{kind}: {counted}, {column.familiar:.0%} of rows hold one that {RARE} rows share")
    rare = f"; {1 - column.familiar:.0%} of rows hold a rare one" if column.familiar < 0.995 else ""
    return Role("categorical", f"{counted}{rare}{_gaps(column)}")


def _code(column: Measured) -> Role | None:
    """Whole numbers that name things: that one is larger than another means nothing."""
    if not column.dtype.is_integer() or not CODES & set(column.tokens[-1:]) or column.distinct < 3:
        return None
    if can_be_learnt(column):
        return Role("categorical", f"numbers that name things: {column.distinct:,} different{_gaps(column)}")
    return Role("forbidden", f"numbers that name things: {column.distinct:,} different, too many to learn each")


def can_be_learnt(column: Measured) -> bool:
    """Whether each value has rows enough to be learnt by itself."""
    return column.distinct <= MOST_CODES and column.present / column.distinct >= RARE


def _number(column: Measured) -> Role:
    kind = "whole numbers, " if column.dtype.is_integer() else ""
    return Role("numeric", f"{kind}{figure(column.low)} to {figure(column.high)}{_gaps(column)}")


def figure(value: float) -> str:
    """A number for people: 1,490,400 and 0.5321."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _gaps(column: Measured) -> str:
    return f"; {column.missing / column.rows:.1%} missing" if column.missing else ""


RULES: tuple[Callable[[Measured], Role | None], ...] = (
    _no_single_value, _says_nothing, _date, _names_rows, _names_things, _truth, _text, _code,
)  # fmt: skip
