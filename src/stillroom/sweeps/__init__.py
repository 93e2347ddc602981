"""Sweeps: many points of a parameter space, tried one after another, ranked by declared metrics."""

from stillroom.sweeps.grammar import Space, parse
from stillroom.sweeps.metrics import Metric, declared_metrics
from stillroom.sweeps.plot import parallel_coordinates
from stillroom.sweeps.point import Point, command
from stillroom.sweeps.ranking import front, ranked
from stillroom.sweeps.settings import SweepConfig
from stillroom.sweeps.text import points_table, told

__all__ = [
    "Metric",
    "Point",
    "Space",
    "SweepConfig",
    "command",
    "declared_metrics",
    "front",
    "parallel_coordinates",
    "parse",
    "points_table",
    "ranked",
    "told",
]
