"""The learning curves: one picture a logged figure, one line a network."""

from typing import Any

from stillroom.compression.report.evidence import History
from stillroom.pages import Axis, round_axis
from stillroom.pages.numbers import METRIC_NAMES, capital, score
from stillroom.table.metrics import HIGHER_IS_BETTER

VALIDATION, LOSS = "validation_", "train_loss"


def curves(histories: dict[str, History]) -> dict[str, dict[str, list[tuple[int, float]]]]:
    """Figure -> network -> (epoch from 1, value), the validation metric first."""
    names = {name for history in histories.values() for entry in history for name in entry if _is_shown(name)}
    return {
        name: {
            network: [(int(entry["epoch"]) + 1, entry[name]) for entry in history if name in entry]
            for network, history in histories.items()
            if any(name in entry for entry in history)
        }
        for name in sorted(names, reverse=True)
    }


def curve_title(name: str) -> str:
    """Such as `ROC AUC on the validation split`."""
    if name == LOSS:
        return "Training loss"
    return f"{capital(METRIC_NAMES[name.removeprefix(VALIDATION)])} on the validation split"


def kept_epochs(histories: dict[str, History]) -> dict[str, int]:
    """Network -> the epoch whose weights were kept: the best of the validation metric."""
    kept: dict[str, int] = {}
    for name, lines in curves(histories).items():
        higher = HIGHER_IS_BETTER.get(name.removeprefix(VALIDATION), False)  # a log loss is better when less
        best = max if higher else min
        if name != LOSS:
            kept |= {network: best(points, key=lambda point: point[1])[0] for network, points in lines.items()}
    return kept


def curve_pictures(histories: dict[str, History]) -> list[dict[str, Any]]:
    """Lines and the kept epochs' dots, in percent of each picture, with its ticks."""
    kept = kept_epochs(histories)
    return [_picture(name, lines, kept) for name, lines in curves(histories).items()]


def _picture(name: str, lines: dict[str, list[tuple[int, float]]], kept: dict[str, int]) -> dict[str, Any]:
    epochs = max(epoch for points in lines.values() for epoch, _ in points)
    across = Axis(1, epochs, _epoch_ticks(epochs)) if epochs > 1 else Axis(0, 2, [1])
    upward = round_axis(value for points in lines.values() for _, value in points)
    return {
        "title": curve_title(name),
        "lines": {
            network: _line(network, dict(points), kept[network], across, upward) for network, points in lines.items()
        },
        "across": across.across(),
        "upward": upward.upward(),
    }


def _line(network: str, values: dict[int, float], kept: int, across: Axis, upward: Axis) -> dict[str, Any]:
    at = {epoch: (across.place(epoch), upward.top(value)) for epoch, value in values.items()}
    return {
        "points": " ".join(f"{left},{top}" for left, top in at.values()),
        "dot": at[kept],
        "text": f"{network}, epoch {kept}: {score(values[kept])}",
    }


def _epoch_ticks(epochs: int) -> list[float]:
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if epochs / s <= 8 or s == 1000)
    return [float(t) for t in range(step if step > 1 else 1, epochs + 1, step)] or [1.0]


def _is_shown(name: str) -> bool:
    return name == LOSS or name.startswith(VALIDATION)
