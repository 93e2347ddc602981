"""Evidently's and NannyML's default drift tests on Parquet windows; runs in their own environment (pandas 2).

    python peers.py FOLDER    # reference.parquet, and window_*.parquet in the order of their names

A window may have some of the columns only. Writes FOLDER/peers.json: for each tool and window its columns' scores as
multiples of the tool's own threshold.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pandas as pd

warnings.filterwarnings("ignore")


def evidently_scores(reference: pd.DataFrame, window: pd.DataFrame) -> dict[str, float]:
    """A p-value below its threshold, or a distance above it, is drift."""
    from evidently import Report
    from evidently.presets import DataDriftPreset

    found = Report([DataDriftPreset()]).run(window, reference[window.columns]).dict()["metrics"]
    scores = {}
    for metric in found:
        config = metric.get("config", {})
        if config.get("type") == "evidently:metric_v2:ValueDrift":
            value, threshold = float(metric["value"]), float(config["threshold"])
            is_p_value = "p_value" in config["method"]
            scores[config["column"]] = threshold / max(value, 1e-300) if is_p_value else value / threshold
    return scores


def nannyml_scores(reference: pd.DataFrame, windows: list[pd.DataFrame]) -> list[dict[str, float]]:
    """A distance above its upper threshold or below its lower one is drift; both are of the reference's own chunks."""
    import nannyml

    calculators: dict[tuple[str, ...], Any] = {}
    found = []
    for window in windows:
        columns = tuple(window.columns)
        if columns not in calculators:
            made = nannyml.UnivariateDriftCalculator(column_names=list(columns), chunk_size=len(windows[0]))
            calculators[columns] = made.fit(reference[list(columns)])
        calculators[columns].chunker = nannyml.chunk.SizeBasedChunker(chunk_size=len(window))
        row = calculators[columns].calculate(window).filter(period="analysis").to_df().iloc[0]
        found.append({column: _beyond(row[column, "jensen_shannon"]) for column in columns})
    return found


def _beyond(found: pd.Series) -> float:
    """The value as a multiple of the upper threshold, or the lower one as a multiple of the value: the larger."""
    # A threshold beyond what the distance can be is none.
    value, upper, lower = (found[name] for name in ("value", "upper_threshold", "lower_threshold"))
    above = value / max(upper, 1e-300) if pd.notna(upper) else 0.0
    below = lower / max(value, 1e-300) if pd.notna(lower) else 0.0
    return 0.0 if pd.isna(value) else min(max(above, below), 1e300)


def main() -> None:
    """Judge every window of the folder."""
    folder = Path(sys.argv[1])
    reference = pd.read_parquet(folder / "reference.parquet")
    windows = [pd.read_parquet(path) for path in sorted(folder.glob("window_*.parquet"))]
    sample = reference.sample(min(len(reference), 20_000), random_state=0)
    found = {
        "Evidently": [evidently_scores(sample, window) for window in windows],
        "NannyML": nannyml_scores(reference, windows),
    }
    (folder / "peers.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
