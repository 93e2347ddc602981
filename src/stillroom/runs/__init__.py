"""What every run leaves: its parameters, code, data, figures and artefacts, in one folder; listed and compared."""

from stillroom.runs.compare import compared
from stillroom.runs.record import CodeVersion, DataVersion, Outcome, RunRecord
from stillroom.runs.settings import RunsConfig
from stillroom.runs.store import RunStore
from stillroom.runs.text import runs_table

__all__ = [
    "CodeVersion",
    "DataVersion",
    "Outcome",
    "RunRecord",
    "RunStore",
    "RunsConfig",
    "compared",
    "runs_table",
]
