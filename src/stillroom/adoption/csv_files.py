"""A CSV file as people write it: its encoding, its separator and its header are found out, not asked for."""

import codecs
import csv
import io
from collections import Counter
from pathlib import Path

import polars as pl

from stillroom.table.errors import InputError

SEPARATORS = (",", ";", "\t", "|", "^", "~", " ")
NAMES = {"\t": "tab", " ": "space"}
SAMPLE_BYTES = 1 << 18
PIECE = 1 << 20
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def find_encoding(path: Path) -> str:
    """By its byte order mark; else UTF-8 where the whole file is that; else Windows-1252, which Excel writes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        start = file.read(4)
        for mark, name in BYTE_ORDER_MARKS:
            if start.startswith(mark):
                return name
        file.seek(0)
        try:
            while piece := file.read(PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def as_utf8(path: Path, encoding: str, folder: Path) -> Path:
    """The file itself where it is UTF-8, else a copy of it in UTF-8. Raises InputError where the encoding is wrong."""
    if encoding.lower() in ("utf-8", "utf8", "utf-8-sig"):
        return path
    copy = folder / f"{path.name}.utf8"
    try:
        with path.open(encoding=encoding, newline="") as source, copy.open("w", encoding="utf-8", newline="") as target:
            while piece := source.read(PIECE):
                target.write(piece)
    except (UnicodeError, LookupError) as error:
        raise InputError(f"{path.name} is not {encoding} ({error}): name its encoding with --encoding") from error
    return copy


def find_separator(sample: str) -> str:
    """The separator that cuts most lines into the same number of fields, and into more than one."""

    def regularity(separator: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in _rows(sample, separator))
        width, lines = max(widths.items(), key=lambda each: each[1], default=(1, 0))
        return (lines / max(widths.total(), 1), width) if width > 1 else (0.0, 1)

    return max(SEPARATORS, key=regularity) if any(regularity(each)[0] for each in SEPARATORS) else ","


def scan_csv(path: Path, name: str, separator: str | None) -> tuple[pl.LazyFrame, str]:
    """A UTF-8 file as a lazy frame of text columns, and its separator.

    Raises InputError for an empty file, a first line that names no columns, and a name that stands there twice.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES).decode("utf-8-sig", errors="ignore")
    separator = separator or find_separator(sample)
    header = next(iter(_rows(sample, separator)), [])
    _check_header([each.strip() for each in header], name)
    frame = pl.scan_csv(path, separator=separator, infer_schema=False)
    return frame.rename(lambda column: column.strip()), separator


def _rows(sample: str, separator: str) -> list[list[str]]:
    """The sample's lines as fields; the last one, which may be cut, is left out where there are others."""
    try:
        rows = [row for row in csv.reader(io.StringIO(sample), delimiter=separator, skipinitialspace=True) if row]
    except csv.Error:
        return []
    return rows[:-1] if len(rows) > 2 else rows


def _check_header(header: list[str], name: str) -> None:
    if not header:
        raise InputError(f"{name} is empty: there is no line of column names in it")
    twice = [column for column, count in Counter(header).items() if count > 1]
    if twice:
        raise InputError(f"{name} has more than one column called {', '.join(twice)}: rename all but one of each")
    if all(_is_number(column) for column in header):
        raise InputError(
            f"the first line of {name} holds numbers ({', '.join(header[:3])}, ...), no column names: put a line of "
            "names before it"
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
