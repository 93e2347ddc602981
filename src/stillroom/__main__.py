"""Run the packaged project: `python -m stillroom --pipelines prepare`."""

import sys
from pathlib import Path
from typing import Any

from kedro.framework.cli.utils import find_run_command
from kedro.framework.project import configure_project


def main(*args: Any, **kwargs: Any) -> Any:
    """Find the project's run command and call it."""
    configure_project(Path(__file__).parent.name)
    run = find_run_command(Path(__file__).parent.name)
    return run(*args, **{"standalone_mode": not hasattr(sys, "ps1"), **kwargs})


if __name__ == "__main__":
    main()
