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


def best_epoch(name: str, points: list[tuple[int, float]]) -> tuple[int, float]:
    """The epoch whose weights were kept, where ``name`` is the validation metric."""
    higher = HIGHER_IS_BETTER.get(name.removeprefix(VALIDATION), False)  # a log loss is better when less
    return (max if higher else min)(points, key=lambda point: point[1])


def curve_pictures(histories: dict[str, History]) -> list[dict[str, Any]]:
    """Lines and the kept epochs' dots, in percent of each picture, with its ticks."""
    return [_picture(name, lines) for name, lines in curves(histories).items()]


def _picture(name: str, lines: dict[str, list[tuple[int, float]]]) -> dict[str, Any]:
    epochs = max(epoch for points in lines.values() for epoch, _ in points)
    across = Axis(1, epochs, _epoch_ticks(epochs)) if epochs > 1 else Axis(0, 2, [1])
    upward = round_axis(value for points in lines.values() for _, value in points)
    return {
        "title": curve_title(name),
        "lines": {network: _line(name, network, points, across, upward) for network, points in lines.items()},
        "across": across.across(),
        "upward": upward.upward(),
    }


def _line(name: str, network: str, points: list[tuple[int, float]], across: Axis, upward: Axis) -> dict[str, Any]:
    def at(point: tuple[int, float]) -> tuple[float, float]:
        return across.place(point[0]), upward.top(point[1])

    kept = best_epoch(name, points) if name != LOSS else points[-1]
    return {
        "points": " ".join(f"{left},{top}" for left, top in map(at, points)),
        "dot": at(kept),
        "text": f"{network}, epoch {kept[0]}: {score(kept[1])}",
    }


def _epoch_ticks(epochs: int) -> list[float]:
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if epochs / s <= 8 or s == 1000)
    return [float(t) for t in range(step if step > 1 else 1, epochs + 1, step)] or [1.0]


def _is_shown(name: str) -> bool:
    return name == LOSS or name.startswith(VALIDATION)
