"""Alarms where nothing changed: windows of the reference's own period, ours beside the peers' defaults, in one run.

    python benchmarks/false_alarms.py --python .venv/drift/bin/python      # after `make run`

500 weeks are held out of January to August in turn and judged against the other weeks: as they came, with all that
weather and holidays do to them, and with the rows dealt anew over the days, so that only chance is left. A window
counts where any column alarms. `--python` is an environment with Evidently and NannyML (benchmarks/drift/README.md);
without it they are left out. `--peer-folds` limits the folds that they judge, as each takes them minutes.
"""

import argparse
import sys

import numpy as np
import polars as pl

from drift.asked import peer_scores
from drift.ours import Scores, our_scores, profile, whylogs_scores
from drift.windows import flights, folds, shuffled
from stillroom.monitoring.settings import MonitorConfig
from stillroom.profiles import merge


def main() -> None:
    """Judge all windows, print the shares; exits 1 where ours alarms in more of them than is declared."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=500)
    parser.add_argument("--python")
    parser.add_argument("--peer-folds", type=int, default=100)
    arguments = parser.parse_args()
    rows, _ = flights()
    config, ours = MonitorConfig(consecutive=1), []
    for world, table in (("as they came", rows), ("rows dealt anew", shuffled(rows, 0))):
        print(f"\nWeeks {world}, share of windows with any alarm")
        for tool, scores in judged(table, arguments, config).items():
            if not scores:
                continue
            alarms = np.array([max(window.values()) > 1 for window in scores])
            columns = np.mean([np.mean([score > 1 for score in window.values()]) for window in scores])
            print(
                f"{tool:12} {alarms.mean():7.1%} of {len(alarms)} windows; {columns:6.1%} of their columns", flush=True
            )
            ours += [alarms.mean()] if tool == "Stillroom" else []
    if max(ours) > config.false_alarm:
        sys.exit(f"Stillroom alarms in {max(ours):.1%} of the windows; {config.false_alarm:.1%} are declared")


def judged(table: pl.DataFrame, arguments: argparse.Namespace, config: MonitorConfig) -> dict[str, Scores]:
    """By tool the scores of each window: for each column a multiple of the tool's threshold."""
    days = table.partition_by("day", maintain_order=True, include_key=False)
    profiles = [profile(rows) for rows in days]
    found: dict[str, Scores] = {"Stillroom": [], "whylogs": []}
    for number, fold in enumerate(folds(len(days), arguments.windows)):
        reference = {int(i): profiles[i] for i in fold.reference}
        weeks = [[profiles[i] for i in week] for week in fold.weeks]
        found["Stillroom"] += our_scores(reference, weeks, config)
        if number < arguments.peer_folds:
            found["whylogs"] += whylogs_scores(merge(reference.values()), weeks)
        if arguments.python and number < arguments.peer_folds:
            frames = [pl.concat([days[i] for i in week]) for week in fold.weeks]
            peers = peer_scores(pl.concat([days[i] for i in fold.reference]), frames, arguments.python)
            for tool, scores in peers.items():
                found.setdefault(tool, []).extend(scores)
    return found


if __name__ == "__main__":
    main()
