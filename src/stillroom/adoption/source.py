"""Where a table comes from: a CSV or Parquet file, on this disk or at a URL, packed or not."""

import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path

import fsspec
import polars as pl

from stillroom.adoption.csv_files import NAMES, as_utf8, find_encoding, scan_csv
from stillroom.table.errors import InputError

GZIP, PARQUET = b"\x1f\x8b", b"PAR1"


@dataclass(frozen=True)
class Reading:
    """How a CSV file is read, where somebody knows better than `find_encoding` and `find_separator`."""

    encoding: str | None = None
    separator: str | None = None


@dataclass(frozen=True)
class Source:
    """Rows as they came, text still text, and one line that says where from and how they were read."""

    frame: pl.LazyFrame
    told: str


def open_source(location: str, folder: Path, reading: Reading) -> Source:
    """Open a table lazily; what has to be fetched, unpacked or written in UTF-8 for it goes to the folder.

    Raises InputError with one sentence for what is not there, or no table.
    """
    name = location.rsplit("/", 1)[-1].split("?", maxsplit=1)[0] or location
    path = _unpacked(_local(location, name, folder), folder)
    with path.open("rb") as file:
        start = file.read(1 << 12)
    if start.startswith(PARQUET):
        return Source(_scan_parquet(path, location), location)
    encoding = reading.encoding or find_encoding(path)
    if (b"\0" in start and encoding != "utf-16") or start.lstrip()[:1] in (b"{", b"["):
        raise InputError(f"{location} is neither a CSV nor a Parquet file: export the table as one of them")
    frame, separator = scan_csv(as_utf8(path, encoding, folder), name, reading.separator)
    return Source(frame, f"{location} (CSV, {encoding}, separator {NAMES.get(separator, separator)!r})")


def _local(location: str, name: str, folder: Path) -> Path:
    """The file itself, or a copy of what is at a URL."""
    if "://" not in location:
        path = Path(location).expanduser()
        if not path.is_file():
            raise InputError(
                f"{location} is {'a folder' if path.is_dir() else 'not there'}: name a CSV or Parquet file"
            )
        return path
    copy = folder / name
    try:
        with fsspec.open(location, "rb") as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
    except Exception as error:  # every kind of store has errors of its own
        raise InputError(f"{location} cannot be fetched ({type(error).__name__}: {error})") from error
    return copy


def _unpacked(path: Path, folder: Path) -> Path:
    with path.open("rb") as file:
        if file.read(2) != GZIP:
            return path
    copy = folder / f"{path.name}.unpacked"
    try:
        with gzip.open(path) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
    except (OSError, EOFError) as error:
        raise InputError(f"{path.name} is not whole gzip ({error}): copy it anew") from error
    return copy


def _scan_parquet(path: Path, location: str) -> pl.LazyFrame:
    frame = pl.scan_parquet(path)
    try:
        frame.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{location} is not a whole Parquet file ({str(error).splitlines()[0]})") from error
    return frame
