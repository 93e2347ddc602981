"""Stillroom: declare a table, and `kedro run` gives you a small, fast model service and watches it for you."""

__version__ = "0.1.0"
