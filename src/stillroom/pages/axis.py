"""Axes of the pages' pictures: round ends, round ticks, and places in percent."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_TICKS = 6
_LOG_STEPS = ((1,), (1, 2, 5), (1, 2, 3, 4, 5, 7))


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high``, with ``ticks`` between; ``log`` spaces them by their logarithms."""

    low: float
    high: float
    ticks: list[float]
    log: bool = False

    def place(self, value: float) -> float:
        """Where a value lies, in percent from the low end."""
        low, high, at = (math.log(v) if self.log else v for v in (self.low, self.high, value))
        return round(100 * (at - low) / (high - low), 2)

    def top(self, value: float) -> float:
        """Where a value lies, in percent from the top, for an axis that rises from the bottom."""
        return round(100 - self.place(value), 2)

    def across(self) -> list[tuple[float, str]]:
        """Place and text of each tick of an axis from left to right."""
        return [(self.place(tick), self._text(tick)) for tick in self.ticks]

    def upward(self) -> list[tuple[float, str]]:
        """Place from the top and text of each tick of an axis that rises from the bottom."""
        return [(self.top(tick), self._text(tick)) for tick in self.ticks]

    def _text(self, tick: float) -> str:
        if self.log:
            return f"{tick:,.0f}" if tick >= 1 else f"{tick:g}"
        step = self.ticks[1] - self.ticks[0] if len(self.ticks) > 1 else 1.0
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        return f"{tick:,.{decimals}f}"


def round_axis(values: Iterable[float]) -> Axis:
    """An axis with round ends around the values; those that are not finite are left out."""
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    rough = max(high - low, abs(high) * 1e-3, 1e-9) / (_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return Axis(first * step, last * step, [i * step for i in range(first, last + 1)])


def log_axis(values: Iterable[float]) -> Axis:
    """A logarithmic axis around values above 0, at least a factor of 4 wide, with a little room at its ends."""
    above = [value for value in values if value > 0] or [1.0]
    room = max(1.25, 2 / math.sqrt(max(above) / min(above)))
    low, high = min(above) / room, max(above) * room
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in _LOG_STEPS:
        ticks = [tick for d in decades for s in steps if low <= (tick := s * 10.0**d) <= high]
        if len(ticks) >= 3:
            break
    return Axis(low, high, ticks, log=True)
