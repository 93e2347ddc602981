"""The project's commands: Kedro's `run` with config groups, and Stillroom's own."""

from stillroom.cli import cli, run

__all__ = ["cli", "run"]
