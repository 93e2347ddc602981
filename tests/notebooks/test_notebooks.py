"""The notebooks run from top to bottom in a fresh copy of the project, and are committed without outputs."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from conftest import RAW, ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

LOOK = """
import json
print(json.dumps({
    "flights": flights.select(pl.len()).collect().item(),
    "splits": dict(table.group_by("split").len().collect().iter_rows()),
    "columns": described.height,
    "late": late.group_by("column").agg(low=pl.col("late").first(), high=pl.col("late").last()).rows(),
    "candidates": measured["candidate"].to_list(),
    "probabilities": probabilities.tolist(),
}))
"""


def executed(path: Path, look: str) -> tuple[nbformat.NotebookNode, dict]:
    """A notebook after its execution, and what a last cell prints as JSON."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(look))
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    return notebook, json.loads(notebook.cells[-1].outputs[0].text)


def pages(notebook: nbformat.NotebookNode) -> list[str]:
    """What the cells show as HTML."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]


@pytest.mark.slow
def test_the_first_look_runs_from_top_to_bottom(project, monkeypatch):
    shutil.copytree(RAW, project.raw, dirs_exist_ok=True)
    shutil.copytree(ROOT / "notebooks", project.path / "notebooks")
    monkeypatch.setenv("PYTHONPATH", str(project.path / "src"))

    notebook, seen = executed(project.path / "notebooks/01_first_look.ipynb", LOOK)

    assert seen["flights"] == 336_776
    assert seen["splits"].keys() == {"train", "validation", "test", "live", "unlabelled"}
    assert sum(seen["splits"].values()) == seen["flights"]
    assert seen["columns"] > 40
    assert len(seen["late"]) == 3
    assert all(high > 1.5 * low for _, low, high in seen["late"]), "history tells nothing of lateness"
    assert {"teacher", "student", "pruned_50", "student_dynamic"} <= set(seen["candidates"])
    assert sum(seen["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert seen["probabilities"][0] > 0.8, "the first bottle is the first grower's"
    assert sum("Plotly.newPlot" in page for page in pages(notebook)) == 7
    assert not any('src="https://cdn.plot.ly' in page for page in pages(notebook)), "plots need the network"
    assert any("plotly.js v" in page for page in pages(notebook)), "plots lack their code"
    assert not (project.path / "notebooks/data").exists(), "written beside the notebook, not in the project"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_committed_without_outputs(path):
    notebook = nbformat.read(path, as_version=4)

    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cells
    assert [cell.outputs for cell in cells] == [[]] * len(cells)
    assert [cell.execution_count for cell in cells] == [None] * len(cells)
