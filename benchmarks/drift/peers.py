"""Evidently's and NannyML's default drift tests on Parquet windows; runs in their own environment (pandas 2).

    python peers.py FOLDER    # reference.parquet, and window_*.parquet in the order of their names

Writes FOLDER/peers.json: for each tool and window the columns' scores as multiples of the tool's own threshold.
"""

import json
import sys
import warnings
from pathlib import Path

import pandas as pd

warnings.filterwarnings("ignore")


def evidently_scores(reference: pd.DataFrame, window: pd.DataFrame) -> dict[str, float]:
    from evidently import Report
    from evidently.presets import DataDriftPreset

    found = Report([DataDriftPreset()]).run(window, reference).dict()["metrics"]
    scores = {}
    for metric in found:
        config = metric.get("config", {})
        if config.get("type") == "evidently:metric_v2:ValueDrift":
            value, threshold = float(metric["value"]), float(config["threshold"])
            is_p_value = "p_value" in config["method"]
            scores[config["column"]] = threshold / max(value, 1e-300) if is_p_value else value / threshold
    return scores


def nannyml_scores(reference: pd.DataFrame, windows: list[pd.DataFrame]) -> list[dict[str, float]]:
    import nannyml

    columns = list(reference.columns)
    calculator = nannyml.UnivariateDriftCalculator(column_names=columns, chunk_size=len(windows[0]))
    calculator.fit(reference)
    found = []
    for window in windows:
        calculator.chunker = nannyml.chunk.SizeBasedChunker(chunk_size=len(window))
        data = calculator.calculate(window).filter(period="analysis").to_df()
        row = data.iloc[0]
        scores = {}
        for column in columns:
            value, upper = row[column, "jensen_shannon", "value"], row[column, "jensen_shannon", "upper_threshold"]
            scores[column] = float(value / upper) if upper else float(value > 0)
        found.append(scores)
    return found


def main() -> None:
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
