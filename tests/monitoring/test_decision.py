"""What is found becomes a verdict, its reasons, and the days that a new model is trained and judged on."""

import datetime as dt
from typing import Any

import pytest

from stillroom.monitoring.decision import RetrainConfig, decide, retraining_window
from stillroom.table.spec import TimeSplit

DAYS = [f"2024-03-{day:02}" for day in range(1, 31)]
WINDOW = TimeSplit(kind="time", validation=dt.date(2024, 3, 3), test=dt.date(2024, 3, 17), live=dt.date(2024, 3, 31))
CONFIG = RetrainConfig()
TRAINED = TimeSplit(kind="time", validation=dt.date(2024, 1, 10), test=dt.date(2024, 1, 20), live=dt.date(2024, 2, 1))


def report(lost: str | None = None, estimated: str | None = None, **drifted: str) -> dict[str, Any]:
    """A report in which quality was lost, or a column drifted, until that day."""
    columns = [
        {"drifted": name in drifted, "last_alarm": drifted.get(name), "severity": severity}
        for name, severity in (("prediction", "page"), ("distance", "ticket"))
    ]
    quality = {"days": DAYS, "alarm": [day == lost for day in DAYS]}
    quality["estimate"] = {"alarm": [day == estimated for day in DAYS]} if estimated else None
    sentences = {f"{name}_sentence": f"{name}!" for name in ("quality", "estimate", "inputs")}
    return {"days": DAYS, "columns": columns, "quality": quality, "headline": "predictions!", **sentences}


@pytest.mark.parametrize(
    ("found", "verdict", "reasons"),
    [
        ({}, "healthy", ["Nothing that was found asks for anything."]),
        ({"lost": DAYS[-1]}, "retrain", ["quality!"]),
        ({"estimated": DAYS[-1]}, "warn", ["estimate!"]),
        ({"distance": DAYS[-1]}, "warn", ["inputs!"]),
        ({"prediction": DAYS[-3], "distance": DAYS[-1]}, "retrain", ["predictions!", "inputs!"]),
        ({"prediction": DAYS[16]}, "retrain", ["predictions!"]),
        ({"prediction": DAYS[15], "lost": DAYS[15]}, "healthy", ["Nothing that was found asks for anything."]),
    ],
)
def test_the_gravest_recent_finding_gives_the_verdict(found: dict[str, str], verdict: str, reasons: list[str]) -> None:
    decision = decide(report(**found), "m:v1", WINDOW, "", CONFIG)
    assert (decision.verdict, decision.reasons) == (verdict, reasons)
    assert (decision.judged, decision.first_day, decision.last_day) == (
        "m:v1",
        dt.date(2024, 3, 1),
        dt.date(2024, 3, 30),
    )


def test_what_a_finding_leads_to_is_declared() -> None:
    config = RetrainConfig(quality="warn", predictions="healthy")
    decision = decide(report(lost=DAYS[-1], prediction=DAYS[-1]), "m:v1", WINDOW, "", config)
    assert (decision.verdict, decision.reasons) == ("warn", ["quality!"])


def test_without_a_window_nothing_is_trained_and_the_reason_is_told() -> None:
    decision = decide(report(lost=DAYS[-1]), "m:v1", None, "No labels.", CONFIG)
    assert (decision.verdict, decision.reasons) == ("warn", ["quality!", "No labels."])


def window(last: str, **config: Any) -> tuple[TimeSplit | None, str]:
    first = dt.date(2023, 1, 1)
    return retraining_window(TRAINED, TRAINED, first, dt.date.fromisoformat(last), RetrainConfig(**config))


def test_the_newest_labelled_days_judge_and_those_before_them_train() -> None:
    assert window("2024-03-30")[0] == WINDOW
    days = window("2024-03-30", train_days=30, validation_days=7, test_days=10)[0]
    assert days == TimeSplit(
        kind="time",
        train=dt.date(2024, 2, 13),
        validation=dt.date(2024, 3, 14),
        test=dt.date(2024, 3, 21),
        live=dt.date(2024, 3, 31),
    )


def test_no_day_that_the_champion_learned_from_judges_it() -> None:
    found, _ = window("2024-02-03", test_days=60)
    assert found is not None
    assert found.test == TRAINED.test


@pytest.mark.parametrize(
    ("last", "first", "why"),
    [
        (
            dt.date(2024, 1, 31),
            dt.date(2023, 1, 1),
            "No live row has a label yet, so there is nothing new to learn from.",
        ),
        (None, None, "No live row has a label yet, so there is nothing new to learn from."),
        (
            dt.date(2024, 3, 30),
            dt.date(2024, 3, 3),
            "The labelled days begin on 2024-03-03 and leave none to train on before 2024-03-03.",
        ),
    ],
)
def test_where_there_is_no_window_it_is_said_why(last: dt.date | None, first: dt.date | None, why: str) -> None:
    assert retraining_window(TRAINED, TRAINED, first, last, CONFIG) == (None, why)
