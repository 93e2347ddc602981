"""What to do about what the monitoring found: nothing, tell someone, or train anew, and on which days."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stillroom.table.spec import Declared, TimeSplit

Verdict = Literal["healthy", "warn", "retrain"]
VERDICTS: tuple[Verdict, ...] = ("healthy", "warn", "retrain")


class RetrainConfig(Declared):
    """What follows from each finding, and the days that a new model is trained and judged on.

    ``quality`` is the answer to a loss of quality that labels show, ``estimate`` to one that is only estimated, since
    labels have not come, ``predictions`` and ``inputs`` those to drift. The
    newest ``test_days`` labelled days judge challenger and champion alike, the ``validation_days`` before them stop the
    training, and the ``train_days`` before those are trained on (None: all there are).
    """

    quality: Verdict = "retrain"
    estimate: Verdict = "warn"
    predictions: Verdict = "retrain"
    inputs: Verdict = "warn"
    recent_days: int = Field(default=14, ge=1, description="a finding whose last alarm is older counts no more")
    train_days: int | None = Field(default=None, ge=1)
    validation_days: int = Field(default=14, ge=1)
    test_days: int = Field(default=14, ge=1)


class Decision(BaseModel):
    """The verdict of the monitoring, with its reasons, one sentence each.

    ``judged`` is the champion's tag, ``first_day`` and ``last_day`` the live days it was judged on. ``window`` is the
    split on which a new model would be trained; None where there is none, and then the verdict is never `retrain`.
    """

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    reasons: list[str]
    judged: str
    first_day: dt.date
    last_day: dt.date
    window: TimeSplit | None


def decide(
    report: dict[str, Any], judged: str, window: TimeSplit | None, no_window: str, config: RetrainConfig
) -> Decision:
    """Decide from a report of ``drift_report``; ``no_window`` says why there is no window, where there is none."""
    answers: dict[str, Verdict] = config.model_dump(include={"quality", "estimate", "predictions", "inputs"})
    found = findings(report, config.recent_days)
    verdict = max((answers[cause] for cause in found), key=VERDICTS.index, default="healthy")
    reasons = [sentence for cause, sentence in found.items() if answers[cause] != "healthy"]
    if verdict == "retrain" and window is None:
        verdict, reasons = "warn", [*reasons, no_window]
    return Decision(
        verdict=verdict,
        reasons=reasons or ["Nothing that was found asks for anything."],
        judged=judged,
        first_day=report["days"][0],
        last_day=report["days"][-1],
        window=window,
    )


def findings(report: dict[str, Any], recent_days: int) -> dict[str, str]:
    """What is lost or drifted, with the sentence that says so; only what alarmed within the last so many live days."""
    since = (dt.date.fromisoformat(report["days"][-1]) - dt.timedelta(days=recent_days - 1)).isoformat()
    quality = report["quality"] or {}
    drifted = [column for column in report["columns"] if column["drifted"] and column["last_alarm"] >= since]
    severities = {column["severity"] for column in drifted}
    found = {
        "quality": (_last_alarm(quality, quality) >= since, "quality_sentence"),
        "estimate": (_last_alarm(quality, quality.get("estimate") or {}) >= since, "estimate_sentence"),
        "predictions": ("page" in severities, "headline"),
        "inputs": ("ticket" in severities, "inputs_sentence"),
    }
    return {cause: report[sentence] for cause, (is_found, sentence) in found.items() if is_found}


def _last_alarm(quality: dict[str, Any], judged: dict[str, Any]) -> str:
    """The day of it, before every other where there was none."""
    alarms = zip(quality.get("days", []), judged.get("alarm", []), strict=False)
    return max((day for day, alarm in alarms if alarm), default="")


def retraining_window(
    declared: TimeSplit, champion: TimeSplit, first: dt.date | None, last: dt.date | None, config: RetrainConfig
) -> tuple[TimeSplit | None, str]:
    """The split on which a challenger would be trained, else None and why there is none.

    ``first`` and ``last`` are the table's first and last labelled days. No day on which the ``champion`` was trained or
    chosen is among those that judge both.
    """
    if first is None or last is None or champion.live is None or last < champion.live:
        return None, "No live row has a label yet, so there is nothing new to learn from."
    live = last + dt.timedelta(days=1)
    test = max(live - dt.timedelta(days=config.test_days), champion.test)
    validation = test - dt.timedelta(days=config.validation_days)
    train = validation - dt.timedelta(days=config.train_days) if config.train_days else declared.train
    if max(first, train or first) >= validation:
        return None, f"The labelled days begin on {first} and leave none to train on before {validation}."
    return TimeSplit(kind="time", train=train, validation=validation, test=test, live=live), ""
