"""What may be declared of the record of runs."""

from pathlib import Path

from pydantic import Field

from stillroom.table.spec import Declared


class RunsConfig(Declared):
    """Each run has its own folder in ``folder``; the newest ``keep_artefacts`` of them also have their artefacts."""

    folder: Path
    keep_artefacts: int = Field(default=20, ge=0)
