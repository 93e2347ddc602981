"""What the peers say of windows, asked in their own environment."""

import subprocess
import tempfile
from pathlib import Path

import polars as pl
from orjson import loads

from drift.ours import Scores

SCRIPT = Path(__file__).parent / "peers.py"


def peer_scores(reference: pl.DataFrame, windows: list[pl.DataFrame], python: str) -> dict[str, Scores]:
    """By tool each window's scores; ``python`` is an interpreter that has the peers."""
    with tempfile.TemporaryDirectory() as folder:
        reference.write_parquet(Path(folder) / "reference.parquet")
        for number, window in enumerate(windows):
            window.write_parquet(Path(folder) / f"window_{number:05}.parquet")
        subprocess.run([python, str(SCRIPT), folder], check=True, capture_output=True)
        found: dict[str, Scores] = loads((Path(folder) / "peers.json").read_bytes())
    return found
