"""What differs between two runs."""

from collections.abc import Callable, Mapping
from typing import Any

from stillroom.pages.numbers import change, score, size, span
from stillroom.pages.text import aligned
from stillroom.runs.record import DataVersion, RunRecord

Lines = list[list[str]]


def compared(one: RunRecord, other: RunRecord) -> str:
    """What changed from one run to the other, part by part, in lines of text."""
    parts = {
        "Run": _differing(_about(one), _about(other), str),
        "Parameters": _differing(one.params, other.params, _plain),
        "Code": _differing(_code(one), _code(other), str),
        "Data": _differing(one.data, other.data, _data),
        "Results": _results(one.figures, other.figures),
    }
    head = ["", one.run_id, other.run_id, ""]
    lines = [head]
    for name, found in parts.items():
        lines.append([name if found else f"{name}: the same", "", "", ""])
        lines += [[f"  {cells[0]}", *cells[1:]] for cells in found]
    return "\n".join(aligned(lines, left=(0, 1, 2)))


def _about(run: RunRecord) -> dict[str, str]:
    return {
        "table": run.table,
        "pipelines": ", ".join(run.pipelines),
        "environment": run.env or "local",
        "outcome": f"{run.outcome} {run.error}".strip(),
        "time": span(run.seconds),
        "nodes run": f"{len(run.ran)} of {len(run.nodes)}",
    }


def _code(run: RunRecord) -> dict[str, str]:
    changed = ", with changes" if run.code.dirty else ""
    return {"commit": (run.code.commit or "none") + changed, "source": run.code.source[:12]}


def _differing(one: Mapping[str, Any], other: Mapping[str, Any], told: Callable[[Any], str]) -> Lines:
    keys = [
        key for key in dict.fromkeys([*one, *other]) if one.get(key) != other.get(key) or (key in one) != (key in other)
    ]
    return [[key, *(told(side[key]) if key in side else "–" for side in (one, other)), ""] for key in keys]


def _results(one: Mapping[str, float], other: Mapping[str, float]) -> Lines:
    lines = _differing(one, other, score)
    for line in lines:
        if line[0] in one and line[0] in other:
            line[-1] = change(other[line[0]] - one[line[0]])
    return lines


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _data(version: DataVersion) -> str:
    return f"{(version.fingerprint or 'not known')[:12]} {size(version.bytes / 1000) if version.bytes else ''}".strip()
