"""Specs for small tables."""

from stillroom.table.spec import TableSpec

TIME = {"kind": "time", "validation": "2020-03-01", "test": "2020-04-01", "live": "2020-05-01"}
RANDOM = {"kind": "random", "seed": 1, "validation": 0.2, "test": 0.3, "live": 0.1}


def inputs(numeric=(), categorical=()):
    """The inputs of a signature by the names of their columns."""
    named = [(name, "numeric") for name in numeric] + [(name, "categorical") for name in categorical]
    return [{"name": name, "kind": kind} for name, kind in named]


def spec(**declared):
    """A binary task on column `y` from number `a`, split at random."""
    common = {"name": "small", "source": "small", "task": "binary", "target": "y", "split": RANDOM, "numeric": ["a"]}
    return TableSpec.model_validate(common | declared)
