"""The report's findings in sentences; what is said of a report is worked out from its plain types alone."""

import datetime as dt
from typing import Any

from stillroom.pages import METRIC_NAMES
from stillroom.pages.numbers import brief as _figure
from stillroom.pages.numbers import capital

CAUSES = {
    "psi": "distribution",
    "js": "distribution",
    "wasserstein": "distribution",
    "missing_change": "missing values",
    "strangers": "values never seen before",
}
_DISTANCES = {"psi": "PSI", "js": "Jensen-Shannon", "wasserstein": "Wasserstein"}
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
        return "No predictions were kept to score, so nothing is said of quality."
    if found["whole"] is None:
        return f"None of the {found['labels']['predictions']:,} predictions has its label yet."
    now = f"{METRIC_NAMES[found['metric']]} was {_banded(found['whole'][found['metric']])}"
    if found["judged_days"] == 0:
        fewest = report["config"]["min_rows"]
        return (
            f"{capital(now)} on {found['labels']['labelled']:,} labelled rows; a window needs {fewest:,} to be judged."
        )
    if found["before"] is None:
        return f"{capital(now)}; there are no reference labels to compare it with."
    compared = f"{now} against {_figure(found['before'][found['metric']]['value'])} before"
    if found["lost"]:
        return f"It matters: quality was lost since {day(found['began'])}. {capital(compared)}."
    return f"Quality held: {compared}."


def estimate_sentence(report: dict[str, Any]) -> str:
    """What was to be expected without labels, and whether it came so; empty where nothing can be estimated."""
    found = report["quality"]
    if found is None or found["estimate"] is None:
        return ""
    estimate, metric = found["estimate"], found["metric"]
    if estimate["mean_difference"] is None:
        expected = f"Estimated without labels, {METRIC_NAMES[metric]} is {_banded(estimate['whole'][metric])}"
        before = f" against {_figure(found['before'][metric]['value'])} before" if found["before"] else ""
        lost = f", and lost since {day(estimate['began'])}" if estimate["lost"] else ""
        return f"{expected}{before}{lost}; an estimate does not see that inputs have come to mean something else."
    expected = f"Without the labels the estimate of it was {_banded(estimate['of_labelled'][metric])}"
    if estimate["is_surprise"]:
        return f"{expected}: changed inputs do not explain what came, so what they mean has changed (concept drift)."
    return f"{expected}, and so it came."


def is_estimated_lost(quality: dict[str, Any]) -> bool:
    """Whether the estimate says that quality was lost where labels cannot tell yet."""
    return bool(quality["estimate"] and quality["estimate"]["lost"])


def reasons(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Why the status is what it is, the weightiest first: `what`, `severity`, `column`, `since`, `until`, `text`.

    `what` is `quality`, `estimate`, `prediction` or `input`; `until` is None where it goes on.
    """
    found, quality = [], report["quality"]
    if quality and quality["lost"]:
        found.append(_quality_reason("quality", quality["began"], quality_sentence(report)))
    if quality and is_estimated_lost(quality):
        found.append(_quality_reason("estimate", quality["estimate"]["began"], estimate_sentence(report)))
    drifted = _drifted(report["columns"], "page") + _drifted(report["columns"], "ticket")
    return found + [_column_reason(column) for column in drifted]


def _quality_reason(what: str, since: str, text: str) -> dict[str, Any]:
    return {"what": what, "severity": "page", "column": None, "since": since, "until": None, "text": text}


def _column_reason(column: dict[str, Any]) -> dict[str, Any]:
    peak = column["peak"]
    days = f"the {peak['window_days']} days to" if peak["window_days"] > 1 else "the day of"
    return {
        "what": "prediction" if column["severity"] == "page" else "input",
        "severity": column["severity"],
        "column": column["name"],
        "since": column["began"],
        "until": None if column["in_alarm_at_the_end"] else column["last_alarm"],
        "text": f"{_amount(column)}, in {days} {day(peak['day'])}",
    }


def _banded(band: dict[str, float | None]) -> str:
    return f"{_figure(band['value'])} ({_figure(band['low'])} to {_figure(band['high'])})"


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
    return amount(peak["cause"], peak["value"], peak["threshold"])


def amount(measure: str, value: float, threshold: float) -> str:
    """A measure of drift against what is allowed."""
    if measure in _DISTANCES:
        return f"{_DISTANCES[measure]} {value:.2f}, {threshold:.2f} allowed"
    return f"{CAUSES[measure]} {value:.1%}, {threshold:.1%} allowed"
