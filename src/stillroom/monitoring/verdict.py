"""The report's findings in one or two sentences."""

import datetime as dt
from typing import Any

from stillroom.pages import METRIC_NAMES

CAUSES = {"psi": "distribution", "missing_change": "missing values", "strangers": "values never seen before"}
_NAMED = 3


def headline(report: dict[str, Any]) -> str:
    """What drifted, since when and how much."""
    if report["judged_days"] == 0:
        fewest = report["config"]["min_rows"]
        return f"Nothing could be judged: no window of the {_period(report)} has the {fewest:,} rows it needs."
    columns = report["columns"]
    predictions, inputs = _drifted(columns, "page"), _drifted(columns, "ticket")
    watched = sum(c["severity"] == "ticket" for c in columns)
    if predictions:
        with_them = f", and {len(inputs)} of {watched} inputs with them" if inputs else "; no input did"
        return f"The predictions drifted {_when(predictions[0])} ({_amount(predictions[0])}){with_them}."
    if inputs:
        rest = "; the predictions did not" if watched < len(columns) else ""
        return f"{len(inputs)} of {watched} inputs drifted, most of all {inputs[0]['name']} {_when(inputs[0])}{rest}."
    return f"Nothing drifted: all {len(columns)} columns stayed within their usual range, {_period(report)}."


def inputs_sentence(report: dict[str, Any]) -> str:
    """The inputs that drifted most, in words; empty where none did."""
    inputs = _drifted(report["columns"], "ticket")
    if not inputs:
        return ""
    named = [f"{c['name']} {_when(c)} ({_amount(c)})" for c in inputs[:_NAMED]]
    more = f" and {len(inputs) - _NAMED} more" if len(inputs) > _NAMED else ""
    return f"Inputs that drifted: {', '.join(named)}{more}."


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


def _drifted(columns: list[dict[str, Any]], severity: str) -> list[dict[str, Any]]:
    return [c for c in columns if c["drifted"] and c["severity"] == severity]


def _when(column: dict[str, Any]) -> str:
    """Since when, or from when to when where it is over."""
    if column["in_alarm_at_the_end"]:
        return f"since {day(column['began'])}"
    first, last = day(column["began"]), day(column["last_alarm"])
    if first == last:
        return f"on {first}"
    # The month and the year are said once where both days share them.
    return f"from {first.split()[0] if first.split()[1:] == last.split()[1:] else first} to {last}"


def _amount(column: dict[str, Any]) -> str:
    """The measure that alarmed, at its peak, against what is allowed."""
    peak = column["peak"]
    if peak["cause"] == "psi":
        return f"PSI {peak['value']:.2f}, {peak['threshold']:.2f} allowed"
    return f"{CAUSES[peak['cause']]} {peak['value']:.1%}, {peak['threshold']:.1%} allowed"
