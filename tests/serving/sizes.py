"""How much room things take."""

from pathlib import Path


def megabytes(folder: Path) -> float:
    """The sizes of a folder's files, as an image's layer holds them."""
    return sum(path.lstat().st_size for path in folder.rglob("*")) / 1e6


def resident_megabytes(process: int) -> float:
    """The resident memory of a process, shared pages counted whole."""
    (line,) = [row for row in Path(f"/proc/{process}/status").read_text().splitlines() if row.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024
