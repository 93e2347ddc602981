"""How much drift is found at an equal rate of false alarms: ours beside the peers' defaults, in one run.

    python benchmarks/detection.py --python .venv/drift/bin/python      # after `make run`

Weeks are held out of January to August in turn and judged against the other weeks. Each tool says of each column a
multiple of its own threshold; a week alarms where any column passes the tool's cut, which is set so that 5 % of the
weeks alarm as long as nothing was changed. Then one column of each week is changed (drift/shifts.py), and the last is
December as it came. Both as the weeks came, with all that weather and holidays do to them, and with the rows dealt anew
over the days, so that only chance is left. `--python` is an environment with Evidently and NannyML
(benchmarks/drift/README.md); without it they are left out.
"""

import argparse
from collections.abc import Iterator

import numpy as np
import polars as pl
from whylogs.core import DatasetProfileView

from drift.asked import peer_scores
from drift.ours import Scores, our_scores, profile, whylogs_scores
from drift.shifts import LEVELS, Shift, drawn
from drift.windows import WEEK, flights, folds, shuffled
from stillroom.monitoring.settings import MonitorConfig
from stillroom.profiles import merge

FALSE_ALARMS = 0.05
Days = list[pl.DataFrame]
# By tool and what was done: how far the week's furthest column went.
Furthest = dict[str, dict[tuple[str, float], list[float]]]
NOTHING, DECEMBER = ("nothing", 0.0), ("December", 0.0)


def main() -> None:
    """Judge all weeks, changed and not, and print the shares found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=140)
    parser.add_argument("--python")
    arguments = parser.parse_args()
    rows, live = flights()
    for world, table in (("as they came", rows), ("with their rows dealt anew", shuffled(rows, 0))):
        found = judged(table, live if table is rows else None, arguments)
        _print(world, found)


def judged(table: pl.DataFrame, december: pl.DataFrame | None, arguments: argparse.Namespace) -> Furthest:
    """All weeks of all folds, and December against the whole period."""
    days = _days(table)
    profiles = [profile(rows) for rows in days]
    found: Furthest = {}
    for number, fold in enumerate(folds(len(days), arguments.windows)):
        reference = {int(i): profiles[i] for i in fold.reference}
        weeks = [[days[i] for i in week] for week in fold.weeks]
        shifts = [drawn(table, 1_000 * number + i) for i in range(len(weeks))]
        changed = [shift.of(week, table) for week, each in zip(weeks, shifts, strict=True) for shift in each]
        told = _told(reference, [days[i] for i in fold.reference], weeks + changed, arguments.python)
        for tool, scores in told.items():
            _gather(found.setdefault(tool, {}), scores[: len(weeks)], scores[len(weeks) :], shifts)
    if december is not None:
        live = _days(december)
        weeks = [live[end - WEEK : end] for end in range(WEEK, len(live) + 1)]
        for tool, scores in _told(dict(enumerate(profiles)), days, weeks, arguments.python).items():
            found[tool][DECEMBER] = [max(each.values()) for each in scores]
    return found


def _days(table: pl.DataFrame) -> Days:
    return table.partition_by("day", maintain_order=True, include_key=False)


def _told(
    reference: dict[int, DatasetProfileView], days: Days, weeks: list[Days], python: str | None
) -> dict[str, Scores]:
    views = [[profile(rows) for rows in week] for week in weeks]
    whole = merge(reference.values())
    told = {
        "Stillroom": our_scores(reference, views, MonitorConfig(consecutive=1)),
        "whylogs": whylogs_scores(whole, views),
    }
    return told | (peer_scores(pl.concat(days), [pl.concat(week) for week in weeks], python) if python else {})


def _gather(
    into: dict[tuple[str, float], list[float]], whole: Scores, changed: Scores, shifts: list[list[Shift]]
) -> None:
    """A changed week has the scores that it had, but for the column that was changed."""
    answers: Iterator[dict[str, float]] = iter(changed)
    for week, each in zip(whole, shifts, strict=True):
        into.setdefault(NOTHING, []).append(max(week.values()))
        for shift in each:
            into.setdefault((shift.kind, shift.level), []).append(
                max(({**week, shift.column: 0.0} | next(answers)).values())
            )


def _print(world: str, found: Furthest) -> None:
    cuts = {tool: float(np.quantile(each[NOTHING], 1 - FALSE_ALARMS)) for tool, each in found.items()}
    weeks = len(next(iter(found.values()))[NOTHING])
    print(f"\nWeeks {world}: share of {weeks} found where {FALSE_ALARMS:.0%} alarm unchanged")
    print(f"{'':14}" + "".join(f"{tool:>12}" for tool in found))
    print(f"{'cut':14}" + "".join(f"{cut:12.3g}" for cut in cuts.values()))
    own = [float(np.mean(np.array(each[NOTHING]) > 1)) for each in found.values()]
    print(
        f"{'at its own':14}" + "".join(f"{share:12.0%}" for share in own) + "   alarm unchanged at the tool's own cut"
    )
    for key in [*((kind, level) for kind, levels in LEVELS.items() for level in levels), DECEMBER]:
        if key in next(iter(found.values())):
            shares = {tool: float(np.mean(np.array(each[key]) > cuts[tool])) for tool, each in found.items()}
            found_by = "".join(f"{share:12.0%}" for share in shares.values())
            print(f"{_name(key):14}{found_by}{_lost(shares)}", flush=True)


def _name(key: tuple[str, float]) -> str:
    kind, level = key
    return {"mean": f"mean {level:g} σ", "swap": f"swap {level:.0%}", "missing": f"missing {level:.0%}"}.get(kind, kind)


def _lost(shares: dict[str, float]) -> str:
    best = max(shares, key=lambda tool: shares[tool])
    return (
        "" if shares["Stillroom"] >= shares[best] else f"   {best} finds {shares[best] - shares['Stillroom']:.0%} more"
    )


if __name__ == "__main__":
    main()
