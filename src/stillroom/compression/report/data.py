"""The data quality report, arranged for the page."""

from collections import Counter
from typing import Any

from stillroom.pages.numbers import percent
from stillroom.table.spec import Redundancy, TableSpec

PARTS = ("train", "validation", "test", "live")
SHOWN = 12


def data_section(quality: dict[str, Any], table: TableSpec) -> dict[str, Any]:
    """Rows per part, findings, columns with missing values and correlated pairs (most first), what was dropped."""
    rows, columns = quality["rows"], quality["columns"]
    missing = sorted(((c["missing"], name) for name, c in columns.items() if c["missing"] > 0), key=_most_first)
    total = max(sum(rows.values()), 1)
    return {
        "parts": [(name, rows[name], rows[name] / total) for name in PARTS if name in rows],
        "findings": _findings(quality),
        "missing": [(name, share) for share, name in missing],
        "pairs": quality["correlated"],
        "dropped": quality["dropped"],
        "columns": columns,
        "rule": rule(table.redundancy),
        "shown": SHOWN,
    }


def rule(redundancy: Redundancy) -> str:
    """The declared rule in words."""
    parts = [name for name in ("constant", "duplicate") if getattr(redundancy, name)]
    parts.append(f"missing in more than {percent(redundancy.max_missing)} of the training rows")
    parts.append(f"correlated with another by {redundancy.max_correlation:g} or more")
    return ", ".join(parts)


def _findings(quality: dict[str, Any]) -> list[tuple[str, int]]:
    columns = list(quality["columns"].values())
    hashes = [(c["kind"], c["hash"]) for c in columns]
    return [
        ("Columns", len(columns)),
        *Counter(c["kind"].capitalize() for c in columns).items(),
        ("With missing values", sum(c["missing"] > 0 for c in columns)),
        ("Constant", sum(c["distinct"] + (c["missing"] > 0) < 2 for c in columns)),
        ("Duplicates", len(hashes) - len(set(hashes))),
        ("Pairs correlated by 0.9 or more", len(quality["correlated"])),
        ("Dropped", len(quality["dropped"])),
    ]


def _most_first(entry: tuple[float, str]) -> tuple[float, str]:
    return -entry[0], entry[1]
