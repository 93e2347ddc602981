"""How the pages write numbers, and what they call metrics."""

import math

METRIC_NAMES = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier_score": "Brier score",
    "calibration_error": "calibration error",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
    "accuracy": "accuracy",
    "macro_f1": "macro F1",
}


def capital(text: str) -> str:
    """A text with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]


def percent(value: float | None) -> str:
    """A share: 0.123 is 12.3%."""
    return "–" if value is None else f"{value:.1%}"


def figure(value: float | None) -> str:
    """Three decimals."""
    return "–" if value is None else f"{value:.3f}"


def brief(value: float | None) -> str:
    """A metric in a sentence: three decimals below 10, fewer above."""
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"


def signed(value: float | None) -> str:
    """Three decimals and the sign."""
    return "–" if value is None else f"{value:+.3f}"


def score(value: float | None) -> str:
    """A metric: four decimals below 10, fewer above, where they would say nothing."""
    if value is None:
        return "–"
    return f"{value:.4f}" if abs(value) < 10 else f"{value:,.2f}"


def change(value: float) -> str:
    """The difference of two metrics, with its sign."""
    text = score(abs(value))
    return text if text == score(0.0) else f"{'+' if value > 0 else '−'}{text}"


def short(value: float | None) -> str:
    """Three significant figures, all of those of 100 and above."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def size(kilobytes: float) -> str:
    """The size of a file, given in kB of 1,000 bytes."""
    return f"{short(kilobytes)} kB" if kilobytes < 10_000 else f"{short(kilobytes / 1000)} MB"


def duration(microseconds: float) -> str:
    """A latency, given in µs."""
    return f"{short(microseconds)} µs" if microseconds < 1000 else f"{short(microseconds / 1000)} ms"


def span(seconds: float) -> str:
    """A time of a second or more as people say it: 0.12 s, 41.3 s, 2 min 26 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if seconds >= 100 else f"{seconds:.{1 if seconds >= 10 else 2}f} s"


def count(number: int | None) -> str:
    """How many there are."""
    return "–" if number is None else f"{number:,}"


def money(amount: float, least: float | None = None) -> str:
    """An amount: two decimals, or as many as show two significant figures of it, or of the least beside it."""
    decimals = 1 - math.floor(math.log10(least or amount))
    return f"{amount:,.{max(decimals, 2)}f}"


FILTERS = (capital, percent, figure, brief, signed, score, change, short, size, duration, span, count, money)
