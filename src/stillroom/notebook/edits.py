"""What was edited in a folder since one last looked."""

from pathlib import Path

SUFFIXES = {".py", ".yml", ".yaml", ".j2"}


class Edits:
    """Looks at the times of the files that declare and make up a project."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = self._times()

    def found(self) -> bool:
        """Whether a file was written, added or removed since the last call."""
        now = self._times()
        changed = now != self._seen
        self._seen = now
        return changed

    def _times(self) -> dict[Path, int]:
        files = (path for path in self._folder.rglob("*") if path.suffix in SUFFIXES)
        return {path: path.stat().st_mtime_ns for path in files}
