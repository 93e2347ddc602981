"""`%load_ext stillroom.notebook`: the project in a notebook, as often as one likes.

It gives four names: `run`, and `catalog`, `params` and `pipelines`, which are those of the latest run, and of what
`conf` and `src` say now. `!kedro` and `!bentoml` are those of the notebook's own environment.
Source: kedro#4503 asks for a session that runs more than once.
"""

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kedro.utils import find_kedro_project

from stillroom.notebook.project import NotebookProject
from stillroom.notebook.results import Results

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["NotebookProject", "Results", "load_ipython_extension"]


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """Find the project around the notebook, work in its folder, and put the names into the notebook.

    Raises RuntimeError where the notebook lies in no Kedro project.
    """
    import plotly.io

    folder = find_kedro_project(Path.cwd())
    if folder is None:
        raise RuntimeError(f"{Path.cwd()} is in no Kedro project: open the notebook in the project's folder")
    os.chdir(folder)
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    plotly.io.renderers.default = "notebook"  # the plotting code lies in the notebook: no network is needed
    # Kedro tells of every dataset; the progress bar tells enough.
    logging.disable(logging.INFO)
    project = NotebookProject(Path(folder), ipython.push)
    logging.disable(logging.NOTSET)
    logging.getLogger("kedro").setLevel(logging.WARNING)
    logging.getLogger("kedro_viz").setLevel(logging.ERROR)  # it warns of every run of a part
    ipython.push({"run": project.run})
    ipython.events.register("pre_run_cell", lambda _: project.renew())
