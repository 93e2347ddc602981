"""Records of runs that nobody ran."""

import datetime as dt
from typing import Any

from stillroom.runs import CodeVersion, DataVersion, RunRecord

FACTS = {
    "session": "a",
    "began": dt.datetime(2026, 11, 26, tzinfo=dt.UTC),
    "seconds": 2.0,
    "outcome": "completed",
    "table": "wine",
    "env": None,
    "pipelines": ["__default__"],
    "given": {"table": "wine"},
    "params": {"table.name": "wine", "seed": 1},
    "code": CodeVersion(commit="c0ffee0" * 5, dirty=False, source="1" * 64),
    "data": {"wine": DataVersion(fingerprint="a" * 64, files=1, bytes=2000)},
    "figures": {"chosen.roc_auc": 0.75, "chosen.size_kb": 35.6},
}


def run(run_id: str, **facts: Any) -> RunRecord:
    return RunRecord.model_validate({"run_id": run_id, **FACTS, **facts})
