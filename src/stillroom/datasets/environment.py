"""Where this run's programs and pages lie, so that it can end with commands to copy."""

import os
import shlex
import sys
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset

from stillroom.compression.report import Directions
from stillroom.integrity.model import KEY_VARIABLE
from stillroom.integrity.settings import SigningConfig


class DirectionsDataset(AbstractDataset[None, Directions]):
    """The `Directions` of this process.

    Programs get their folder where it lies below the current one, as `.venv/bin` does, and BENTOML_HOME where that is
    set.

    Args:
        report: the path of the run's report.
        signing: as of `stillroom.datasets.bento.BentoModelDataset`.
        metadata: ignored by Kedro; read by Kedro-Viz.
    """

    def __init__(self, *, report: str, signing: dict[str, Any] | None = None, metadata: dict[str, Any] | None = None):
        self._report = report
        self._signing = SigningConfig.model_validate(signing or {})
        self.metadata = metadata

    def load(self) -> Directions:
        """Look at this process."""
        folder, here = Path(sys.executable).parent, Path.cwd()
        programs = f"{folder.relative_to(here)}/" if folder.is_relative_to(here) else ""
        home = os.environ.get("BENTOML_HOME")
        setting = f"BENTOML_HOME={shlex.quote(home)} " if home else ""
        key = self._signing.public_key if self._signing.required else None
        return Directions(
            programs=f"{setting}{shlex.quote(programs) if programs else ''}",
            report=self._report,
            service=f"{KEY_VARIABLE}={shlex.quote(str(key.resolve()))} " if key else "",
        )

    def save(self, data: None) -> None:
        """Refused."""
        raise ValueError("directions can only be read")

    def _describe(self) -> dict[str, Any]:
        return {"report": self._report}
