"""The report's findings in one or two sentences."""

import datetime as dt
from typing import Any

METRIC_NAMES = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "calibration_error": "calibration error",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
}
CAUSES = {"psi": "distribution", "missing_change": "missing values", "strangers": "values never seen before"}
_NAMED = 3


def headline(report: dict[str, Any]) -> str:
    """What drifted, since when and how much."""
    if report["judged_days"] == 0:
        fewest = report["config"]["min_rows"]
        return f"Nothing could be judged: no window of the {_period(report)} has the {fewest:,} rows it needs."
    columns = report["columns"]
    prediction = [c for c in columns if c["drifted"] and c["severity"] == "page"]
    inputs = [c for c in columns if c["drifted"] and c["severity"] == "ticket"]
    watched = sum(c["severity"] == "ticket" for c in columns)
    if prediction:
        since = f"The predictions drifted since {day(prediction[0]['began'])} ({_amount(prediction[0])})"
        return f"{since}; so did {len(inputs)} of {watched} inputs{_named(inputs)}."
    if inputs:
        rest = "; the predictions did not" if any(c["severity"] == "page" for c in columns) else ""
        return f"{len(inputs)} of {watched} inputs drifted{_named(inputs)}{rest}."
    return f"Nothing drifted: all {len(columns)} columns stayed within their usual range, {_period(report)}."


def quality_sentence(report: dict[str, Any]) -> str:
    """What it did to the quality of the predictions, as far as labels tell."""
    found = report["quality"]
    if found is None:
        return "No labels are known yet, so nothing is said of quality."
    name, after = METRIC_NAMES[found["metric"]], found["band"]
    now = f"{name} was {after['value']:.3f} ({after['low']:.3f} to {after['high']:.3f})"
    if found["band_before"] is None:
        return f"{now}; there are no reference labels to compare it with."
    compared = f"{now} against {found['band_before']['value']:.3f} before"
    if found["lost"]:
        return f"It matters: quality was lost since {day(found['began'])}. {compared}."
    return f"Quality held: {compared}."


def day(date: str | dt.date) -> str:
    """Such as `5 December 2013`."""
    date = dt.date.fromisoformat(date) if isinstance(date, str) else date
    return f"{date.day} {date:%B %Y}"


def _period(report: dict[str, Any]) -> str:
    days = report["days"]
    return f"{len(days)} days from {day(days[0])} to {day(days[-1])}" if len(days) > 1 else f"day {day(days[0])}"


def _named(columns: list[dict[str, Any]]) -> str:
    """The worst of the drifted columns in words."""
    if not columns:
        return ""
    named = [f"{c['name']} since {day(c['began'])} ({_amount(c)})" for c in columns[:_NAMED]]
    more = f" and {len(columns) - _NAMED} more" if len(columns) > _NAMED else ""
    return f": {', '.join(named)}{more}"


def _amount(column: dict[str, Any]) -> str:
    """The measure that alarmed, at its peak, against what is allowed."""
    peak = column["peak"]
    if peak["cause"] == "psi":
        return f"PSI {peak['value']:.2f}, {peak['threshold']:.2f} allowed"
    return f"{CAUSES[peak['cause']]} {peak['value']:.1%}, {peak['threshold']:.1%} allowed"
