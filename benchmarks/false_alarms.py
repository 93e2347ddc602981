"""Alarms where nothing changed: windows of the reference's own period, ours beside the peers' defaults, in one run.

    python benchmarks/false_alarms.py --python .venv/drift/bin/python      # after `make run`

500 weeks are held out of January to August in turn and judged against the other weeks: as they came, with all that
weather and holidays do to them, and with the rows dealt anew over the days, so that only chance is left. A window
counts where any column alarms. `--python` is an environment with Evidently and NannyML (benchmarks/drift/README.md);
without it they are left out. `--peer-folds` limits the folds that they judge, as each takes them minutes.
"""

import argparse
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from orjson import loads

from drift.ours import our_scores, profile, whylogs_scores
from drift.windows import Fold, flights, folds, shuffled

Scores = list[dict[str, float]]


def main() -> None:
    """Judge all windows, print the shares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", type=int, default=500)
    parser.add_argument("--python")
    parser.add_argument("--peer-folds", type=int, default=100)
    arguments = parser.parse_args()
    rows, _ = flights()
    for world, table in (("as they came", rows), ("rows dealt anew", shuffled(rows, 0))):
        print(f"\nWeeks {world}, share of windows with any alarm")
        for tool, scores in judged(table, arguments).items():
            alarms = np.array([max(window.values()) > 1 for window in scores])
            columns = np.mean([np.mean([score > 1 for score in window.values()]) for window in scores])
            print(
                f"{tool:12} {alarms.mean():7.1%} of {len(alarms)} windows; {columns:6.1%} of their columns", flush=True
            )


def judged(table: pl.DataFrame, arguments: argparse.Namespace) -> dict[str, Scores]:
    """By tool the scores of each window: for each column a multiple of the tool's threshold."""
    days = table.partition_by("day", maintain_order=True, include_key=False)
    profiles = [profile(rows) for rows in days]
    found: dict[str, Scores] = {"Stillroom": [], "whylogs": []}
    for number, fold in enumerate(folds(len(days), arguments.windows)):
        found["Stillroom"] += our_scores(profiles, fold)
        found["whylogs"] += whylogs_scores(profiles, fold)
        if arguments.python and number < arguments.peer_folds:
            for tool, scores in _peers(days, fold, arguments.python).items():
                found.setdefault(tool, []).extend(scores)
    return found


def _peers(days: list[pl.DataFrame], fold: Fold, python: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        pl.concat([days[i] for i in fold.reference]).write_parquet(Path(folder) / "reference.parquet")
        for i, week in enumerate(fold.weeks):
            pl.concat([days[d] for d in week]).write_parquet(Path(folder) / f"window_{i:03}.parquet")
        script = Path(__file__).parent / "drift" / "peers.py"
        subprocess.run([python, str(script), folder], check=True, capture_output=True)
        return loads((Path(folder) / "peers.json").read_bytes())


if __name__ == "__main__":
    main()
