"""The project's commands: Kedro's `run` with config groups, and Stillroom's `adopt`, `models`, `rollback`, `loop`, `keys`."""

from stillroom.cli import cli as cli
from stillroom.cli import run as run
