"""What the monitoring last found, in `/metrics`: the series of a text file that the monitor pipeline writes."""

import logging
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

logger = logging.getLogger(__name__)
# No other series may come from the file, since one name that is there twice spoils the whole page.
PREFIX = "stillroom_monitor_"
ERROR = """\
# HELP stillroom_drift_file_error Whether the file of drift series is missing or not to be read
# TYPE stillroom_drift_file_error gauge
stillroom_drift_file_error {}
"""
MODIFIED = """\
# HELP stillroom_drift_file_modified_seconds When the monitoring wrote it, in seconds since 1970
# TYPE stillroom_drift_file_modified_seconds gauge
stillroom_drift_file_modified_seconds {}
"""


class DriftFile:
    """A file in Prometheus' text format, read again whenever it has changed.

    A file that is missing, broken, or holds series other than ``PREFIX``'s adds none of its own, but an error.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._series = ""
        self._told = ""

    def series(self) -> str:
        """The file's series, and two on the file itself."""
        try:
            stat = self._path.stat()
        except OSError as error:
            self._series, self._seen = "", None
            return self._with_error(str(error))
        problem = self._read((stat.st_mtime_ns, stat.st_size, stat.st_ino))
        return self._with_error(problem) + MODIFIED.format(stat.st_mtime)

    def _read(self, stamp: tuple[int, int, int]) -> str:
        """Read the file where it is another than the last; what is wrong with it."""
        if stamp == self._seen:
            return ""
        self._series, self._seen = "", None
        try:
            self._series, self._seen = _checked(self._path.read_text("utf-8")), stamp
        except (OSError, ValueError) as error:
            return str(error)
        return ""

    def _with_error(self, problem: str) -> str:
        if problem and problem != self._told:
            logger.error("the drift series in %s cannot be shown: %s", self._path, problem)
        self._told = problem
        return self._series + ERROR.format(int(bool(problem)))


def _checked(text: str) -> str:
    """The text; raises ValueError where it is not in Prometheus' format or holds others' series."""
    for family in text_string_to_metric_families(text):
        if not family.name.startswith(PREFIX):
            raise ValueError(f"it holds {family.name}, expected names that begin with {PREFIX}")
    return text if text.endswith("\n") or not text else f"{text}\n"
