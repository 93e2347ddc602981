"""Text that stands for numbers, dates or truth values, read as such where every value of a column allows it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

MISSING = ("", "?", "NA", "N/A", "#N/A", "NaN", "nan", "null", "NULL", "None", "-")
"""Texts that stand for a missing value."""

SAMPLE_ROWS = 5000
NUMBER = r"[-+]?(?:(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][-+]?\d+)?|inf)"
GROUPED = r"(?:0|[1-9]\d{{0,2}}(?:{}\d{{3}})+|[1-9]\d*)"
SIGNS = r"[\s$€£%']"
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%d-%b-%Y", "%d %b %Y", "%b %d, %Y")
TIMES = ("", " %H:%M", " %H:%M:%S%.f")
YEARS = (1800, 2200)


@dataclass(frozen=True)
class Read:
    """One way to read text: null where a value does not allow it. ``note`` says what a person should know of it."""

    note: str
    parse: Callable[[pl.Expr], pl.Expr]


def typed(frame: pl.LazyFrame, missing: Sequence[str] = MISSING) -> tuple[pl.LazyFrame, dict[str, str]]:
    """The frame with its text columns read as what they hold, and a note on those that were not read plainly.

    Text is stripped of blanks around it; a text in `missing` becomes null.
    """
    schema = frame.collect_schema()
    texts = [c for c, dtype in schema.items() if dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum)]
    if not texts:
        return frame, {}
    stripped = [pl.col(c).cast(pl.String).str.strip_chars() for c in texts]
    frame = frame.with_columns(pl.when(~each.is_in(list(missing))).then(each) for each in stripped)
    likely = _fitting(frame.head(SAMPLE_ROWS), dict.fromkeys(texts, READS))
    fitting = _fitting(frame, likely)
    chosen = {c: reads[0] for c, reads in fitting.items() if reads}
    notes = {c: _note(fitting[c]) for c in chosen}
    return frame.with_columns(read.parse(pl.col(c)).alias(c) for c, read in chosen.items()), {
        c: note for c, note in notes.items() if note
    }


def _fitting(frame: pl.LazyFrame, tried: Mapping[str, Sequence[Read]]) -> dict[str, list[Read]]:
    """Which of the tried readings leave no value of a column unread; none for a column without values."""
    queries = [
        (read.parse(pl.col(c)).null_count() == pl.col(c).null_count()).alias(f"{i}\0{c}")
        for c, reads in tried.items()
        for i, read in enumerate(reads)
    ]
    filled = [(pl.col(c).null_count() < pl.len()).alias(f"\0{c}") for c in tried]
    found = frame.select(*queries, *filled).collect(engine="streaming").row(0, named=True)
    return {
        c: [read for i, read in enumerate(reads) if found[f"{i}\0{c}"] and found[f"\0{c}"]]
        for c, reads in tried.items()
    }


def _note(fitting: list[Read]) -> str:
    others = [read.note for read in fitting[1:] if read.note.startswith("date") and "%Y-" not in read.note]
    if fitting[0].note.startswith("date") and others:
        return f"read as {fitting[0].note}, though {others[0]} would fit too"
    return f"read as {fitting[0].note}" if fitting[0].note else ""


def _boolean(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().replace_strict(["true", "false"], [True, False], default=None)


def _whole(pattern: str, text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(f"^(?:{pattern})$")).then(text)


def _number(kind: type[pl.DataType], pattern: str, removed: str = "", point: str = ".") -> Callable[[pl.Expr], pl.Expr]:
    """A reading of numbers: signs and grouping are removed, the decimal point becomes one."""

    def parse(text: pl.Expr) -> pl.Expr:
        plain = text.str.replace_all(SIGNS, "")
        plain = _whole(pattern, plain)
        if removed:
            plain = plain.str.replace_all(removed, "", literal=True)
        if point != ".":
            plain = plain.str.replace(point, ".", literal=True)
        return plain.cast(kind, strict=False)

    return parse


def _plain(kind: type[pl.DataType], pattern: str) -> Callable[[pl.Expr], pl.Expr]:
    return lambda text: _whole(pattern, text).cast(kind, strict=False)


def _date(form: str) -> Callable[[pl.Expr], pl.Expr]:
    def parse(text: pl.Expr) -> pl.Expr:
        day = text.str.to_date(form, strict=False)
        return pl.when(day.dt.year().is_between(*YEARS)).then(day)

    return parse


def _datetime(form: str) -> Callable[[pl.Expr], pl.Expr]:
    """A reading of times; those of a zone are brought to UTC."""

    def parse(text: pl.Expr) -> pl.Expr:
        text = text.str.replace(r"(\d)T(\d)", "$1 $2")
        if form.endswith("%z"):
            time = text.str.replace("Z$", "+00:00").str.to_datetime(form, time_zone="UTC", strict=False)
            time = time.dt.replace_time_zone(None)
        else:
            time = text.str.to_datetime(form, strict=False)
        return pl.when(time.dt.year().is_between(*YEARS)).then(time)

    return parse


def _dates() -> Iterable[Read]:
    for day in DATES:
        yield Read(f"dates {day}" if day != DATES[0] else "", _date(day))
        for time in TIMES[1:]:
            form = f"{day}{time}"
            yield Read(f"dates {form}" if day != DATES[0] else "", _datetime(form))
    yield Read("times, brought to UTC", _datetime("%Y-%m-%d %H:%M:%S%.f%z"))


READS = [
    Read("", _boolean),
    Read("", _plain(pl.Int64, r"[-+]?(?:0|[1-9]\d{0,17})")),
    Read("", _plain(pl.Float64, NUMBER)),
    Read("numbers, without signs and blanks such as $ and %", _number(pl.Float64, NUMBER)),
    Read("numbers with , between thousands", _number(pl.Float64, rf"[-+]?{GROUPED.format(',')}(?:\.\d+)?", ",")),
    Read(
        "numbers with . between thousands and a decimal comma",
        _number(pl.Float64, rf"[-+]?{GROUPED.format('[.]')}(?:,\d+)?", ".", ","),
    ),
    *_dates(),
]


def unread(values: pl.Series) -> str | None:
    """A value that keeps a column of mostly numbers from being one; None where most are none."""
    numbers = values.drop_nulls().str.contains(f"^(?:{NUMBER})$")
    share = numbers.mean()
    if not isinstance(share, float) or share < 0.9 or share == 1:
        return None
    return str(values.drop_nulls().filter(~numbers)[0])


def snake_case(name: str) -> str:
    """A name as tables and catalog entries take it: `My Table-2` as my_table_2."""
    plain = re.sub(r"\W+|_+", "_", name.lower(), flags=re.ASCII).strip("_")
    return plain if plain[:1].isalpha() else f"table_{plain}".rstrip("_")
