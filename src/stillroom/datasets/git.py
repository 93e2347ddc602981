"""The commit that the code is at."""

import subprocess
from typing import Any

from kedro.io import AbstractDataset


class GitCommitDataset(AbstractDataset[None, str]):
    """The project's git commit, with `-dirty` where files differ from it; "" outside a repository.

    Args:
        metadata: ignored by Kedro; read by Kedro-Viz.
    """

    def __init__(self, *, metadata: dict[str, Any] | None = None):
        self.metadata = metadata

    def load(self) -> str:
        """Ask git."""
        command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return ""

    def fingerprint(self) -> str:
        """The commit itself."""
        return self.load()

    def save(self, data: None) -> None:
        """Refused."""
        raise ValueError("the git commit can only be read")

    def _describe(self) -> dict[str, Any]:
        return {}
