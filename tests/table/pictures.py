"""A small table of pictures, for the tests: bright or dark, with a number that tells a little beside them."""

import numpy as np
import polars as pl

from stillroom.table.encoding import Encoding, fit_encoding
from stillroom.table.inputs.pictures import png
from stillroom.table.spec import TableSpec

SIDE = 8


def levels(rows: int, channels: int = 1, seed: int = 0) -> np.ndarray:
    """Noise over a bright or a dark ground: uint8 [rows, 8, 8, channels]."""
    draw = np.random.default_rng(seed)
    ground = np.where(np.arange(rows) % 2, 160, 60)[:, None, None, None]
    return np.clip(ground + draw.normal(0, 40, (rows, SIDE, SIDE, channels)), 0, 255).astype(np.uint8)


def frame(rows: int = 60, channels: int = 1, seed: int = 0) -> pl.DataFrame:
    """The table: `picture`, `number`, `kind` and the target `bright`."""
    number = np.random.default_rng(seed).normal(size=rows) + np.arange(rows) % 2
    return pl.DataFrame(
        {
            "picture": [png(each) for each in levels(rows, channels, seed)],
            "number": number,
            "kind": ["a", "b", "c"] * (rows // 3),
            "bright": ["no", "yes"] * (rows // 2),
        }
    )


def spec(channels: int = 1, height: int = SIDE, width: int = SIDE, **declared) -> TableSpec:
    """Its declaration."""
    size = {"height": height, "width": width, "channels": channels}
    split = {"kind": "random", "seed": 1, "validation": 0.2, "test": 0.2}
    common = {"name": "pictures", "source": "pictures", "task": "binary", "target": "bright", "split": split}
    return TableSpec.model_validate(common | {"image": {"picture": size}} | declared)


def encoding(declared: TableSpec, table: pl.DataFrame) -> Encoding:
    """The encoding of all declared columns."""
    return fit_encoding(table.lazy(), declared, declared.columns, bins=4)
