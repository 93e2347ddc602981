"""Hydra's override grammar: what is fixed in a sweep, and what varies."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, IntervalSweep, Override, OverrideType, RangeSweep
from hydra.errors import HydraException

from stillroom.table.errors import InputError

Params = dict[str, Any]


@dataclass(frozen=True)
class Choices:
    """Values, one after another."""

    values: list[Any]


@dataclass(frozen=True)
class Numbers:
    """Numbers from ``low`` to ``high``; without a ``step`` there is no end of them."""

    low: float
    high: float
    step: float | None = None
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether they are integers."""
        return isinstance(self.low, int) and isinstance(self.high, int)


@dataclass(frozen=True)
class Axis:
    """What varies of one parameter, and the values that a grid has of it: none where there is no end of them."""

    varies: Choices | Numbers
    values: list[Any]


@dataclass(frozen=True)
class Space:
    """The points of a sweep: ``fixed`` in all of them, and what varies by key."""

    fixed: Params
    axes: dict[str, Axis]

    def grid(self) -> list[Params]:
        """Every combination, the last axis fastest. Raises InputError where there is no end of them."""
        endless = [key for key, axis in self.axes.items() if not axis.values]
        if endless:
            raise InputError(f"{', '.join(endless)}: an interval has no end of points; say --search optuna")
        combined = itertools.product(*(axis.values for axis in self.axes.values()))
        return [self.fixed | dict(zip(self.axes, values, strict=True)) for values in combined]

    def first(self) -> Params:
        """A point to begin with: the first value of each axis, the low end of an interval."""
        return self.fixed | {key: _ends(axis)[0] for key, axis in self.axes.items()}

    def around(self) -> list[Params]:
        """The first point, and for every further value of an axis (the ends of an interval) that point with it."""
        first = self.first()
        others = [first | {key: value} for key, axis in self.axes.items() for value in _ends(axis)[1:]]
        return [first, *others]


def parse(overrides: Sequence[str], options: Callable[[str], list[str]]) -> Space:
    """Read overrides such as `model=mlp,tabm`; ``options`` lists a config group's, for `glob(*)`.

    Raises InputError naming the override that cannot be read.
    """
    fixed, axes = Params(), dict[str, Axis]()
    for text in overrides:
        override = _parsed(text)
        key = override.key_or_group
        if key in fixed or key in axes:
            raise InputError(f"{key} is given twice")
        if override.is_sweep_override():
            axes[key] = _axis(override, options)
        else:
            fixed[key] = override.value()
    return Space(fixed, axes)


def _parsed(text: str) -> Override:
    try:
        (override,) = OverridesParser.create().parse_overrides([text])
    except HydraException as error:
        raise InputError(f"{text!r} is not key=value in Hydra's grammar: {str(error).splitlines()[0]}") from error
    if override.type is OverrideType.DEL or override.package or override.is_hydra_override():
        raise InputError(f"{text!r}: a sweep sets values and picks options, and does nothing else")
    return override


def _axis(override: Override, options: Callable[[str], list[str]]) -> Axis:
    given: Any = override._value
    if isinstance(given, IntervalSweep):
        assert given.start is not None
        assert given.end is not None
        return Axis(Numbers(given.start, given.end, log="log" in given.tags), [])
    if isinstance(given, Glob):
        return _fitting(override, given, options(override.key_or_group))
    values = [Override._convert_value(value) for value in override.sweep_iterator()]
    if not values:
        raise InputError(f"{override.input_line}: there is no value in it")
    if isinstance(given, RangeSweep):
        low, high, step = min(values), max(values), abs(given.step or 1)  # type: ignore[type-var]
        return Axis(Numbers(low, high, step), values)  # type: ignore[arg-type]
    return Axis(Choices(values), values)


def _fitting(override: Override, glob: Glob, names: list[str]) -> Axis:
    found = glob.filter(names)
    if not found:
        choices = f"the choices of {override.key_or_group} are {', '.join(names)}" if names else "it is no config group"
        raise InputError(f"{override.input_line}: no option fits; {choices}")
    return Axis(Choices(list(found)), list(found))


def _ends(axis: Axis) -> list[Any]:
    return axis.values or [axis.varies.low, axis.varies.high]  # type: ignore[union-attr]
