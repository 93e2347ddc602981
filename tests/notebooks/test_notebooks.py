"""The notebooks run from top to bottom in a fresh copy of the project, and are committed without outputs."""

import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from conftest import RAW, ROOT, Project

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture
def execute(project: Project, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that executes a notebook of the copy, and returns what a last cell prints as JSON of its names.

    Every notebook must show so many pictures, none of which needs the network.
    """
    shutil.copytree(RAW, project.raw, dirs_exist_ok=True)
    shutil.copytree(ROOT / "notebooks", project.path / "notebooks")
    monkeypatch.setenv("PYTHONPATH", str(project.path / "src"))
    # Beside other tests, threads that spin while they wait take the processors of those that work.
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")

    def executed(name: str, pictures: int, look: str) -> dict[str, Any]:
        notebook = nbformat.read(project.path / "notebooks" / name, as_version=4)
        notebook.cells.append(nbformat.v4.new_code_cell(f"import json\nprint(json.dumps({look}, default=str))"))
        folder = str(project.path / "notebooks")
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute()
        shown = pages(notebook)
        assert sum("Plotly.newPlot" in page for page in shown) == pictures
        assert not any('src="https://cdn.plot.ly' in page for page in shown), "plots need the network"
        assert any("plotly.js v" in page for page in shown), "plots lack their code"
        assert not (project.path / "notebooks/data").exists(), "written beside the notebook, not in the project"
        return json.loads(notebook.cells[-1].outputs[-1].text)

    return executed


def pages(notebook: nbformat.NotebookNode) -> list[str]:
    """What the cells show as HTML."""
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]


@pytest.mark.slow
def test_the_first_look_runs_from_top_to_bottom(execute):
    look = """{
        "flights": flights.select(pl.len()).collect().item(),
        "splits": dict(table.group_by("split").len().collect().iter_rows()),
        "columns": described.height,
        "late": late.group_by("column").agg(low=pl.col("late").first(), high=pl.col("late").last()).rows(),
        "candidates": measured["candidate"].to_list(),
        "probabilities": probabilities.tolist(),
    }"""
    seen = execute("01_first_look.ipynb", 6, look)

    assert seen["flights"] == 336_776
    assert seen["splits"].keys() == {"train", "validation", "test", "live", "unlabelled"}
    assert sum(seen["splits"].values()) == seen["flights"]
    assert seen["columns"] > 40
    assert len(seen["late"]) == 3
    assert all(high > 1.5 * low for _, low, high in seen["late"]), "history tells nothing of lateness"
    assert {"teacher", "student", "pruned_50", "student_dynamic"} <= set(seen["candidates"])
    assert sum(seen["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert seen["probabilities"][0] > 0.8, "the first bottle is the first grower's"


@pytest.mark.slow
def test_a_table_is_adopted_and_its_declaration_put_right(execute, project):
    look = """{
        "too_good": looked_at["column"].to_list()[-1],
        "figures": both.group_by("table").agg(pl.col("roc_auc").max()).rows(),
        "used": list(params["table"].columns),
        "split": params["table"].split,
    }"""
    seen = execute("02_your_own_table.ipynb", 3, look)

    assert seen["too_good"] == "dep_delay"
    figures = dict(seen["figures"])
    assert figures["as adopted"] > 0.85 > figures["put right"] + 0.05
    assert figures["put right"] > 0.55
    assert "sched_dep_time" in seen["used"]
    assert not {"dep_delay", "dep_time", "arr_time", "air_time", "arr_delay"} & set(seen["used"])
    assert "TimeSplit" in seen["split"] or "kind='time'" in seen["split"]
    assert "known only after departure" in (project.path / "conf/base/table/january.yaml").read_text()


@pytest.mark.slow
def test_models_are_compared_and_swept(execute):
    look = """{
        "models": models["model"].to_list(), "figures": models["roc_auc"].to_list(),
        "learnt": learnt["model"].unique().to_list(), "epochs": learnt.height,
        "seeds": seeds.group_by("model").agg(pl.col("seed").sort()).rows(),
    }"""
    seen = execute("03_models_and_sweeps.ipynb", 3, look)

    assert seen["models"] == ["mlp_small", "mlp", "trees", "sklearn"]
    assert min(seen["figures"]) > 0.9
    assert set(seen["learnt"]) == {"mlp_small", "mlp"}
    assert seen["epochs"] == 20
    assert dict(seen["seeds"]) == {"mlp_small": [1, 2, 3], "mlp": [1, 2, 3]}


@pytest.mark.slow
def test_budgets_choose_among_compressed_candidates(execute):
    look = """{
        "parameters": left["parameters"].to_list(),
        "candidates": {m.name: m.size_kb for m in judged["measurements"].candidates},
        "needs": {name: (m.name, m.size_kb) for name, m in needs.items()},
        "bought": bought.rows(),
    }"""
    seen = execute("04_compression_and_budgets.ipynb", 5, look)

    assert sorted(seen["parameters"], reverse=True) == seen["parameters"]
    assert {"teacher", "student", "pruned_25", "pruned_50", "pruned_75"} <= seen["candidates"].keys()
    assert seen["needs"].keys() == {"default", "edge", "realtime", "best"}
    assert seen["needs"]["edge"][1] <= seen["needs"]["best"][1]
    bought = [quality for _, chosen, quality in seen["bought"] if chosen != "nothing fits"]
    assert sorted(bought) == bought
    assert seen["bought"][0][1:] == ["nothing fits", None]


@pytest.mark.slow
def test_a_bento_is_served_and_asked_by_several_clients(execute):
    look = """{
        "same": bool(same), "wrong": [wrong.status_code, wrong.text], "csv": asked.text.splitlines()[0],
        "answers": latency.group_by("clients").len().rows(), "metrics": metrics, "ended": server.returncode,
    }"""
    seen = execute("05_serving.ipynb", 2, look)

    assert seen["same"], "the service answers otherwise than the model"
    assert seen["wrong"][0] == 422
    assert "alcohol" in seen["wrong"][1]
    assert seen["csv"] == "probability_0,probability_1,probability_2"
    assert dict(seen["answers"]) == {"1": 150, "2": 300, "4": 600, "8": 1200}
    (counted,) = [line for line in seen["metrics"].splitlines() if "requests_total{" in line and 'status="200"' in line]
    assert float(counted.split()[-1]) == 150 + 300 + 600 + 1200 + 2
    assert seen["ended"] == 0


@pytest.mark.slow
def test_december_drifts_and_a_fault_is_found(execute):
    look = """{
        "found": {c["name"]: c["began"] for c in made["drift_report"]["columns"] if c["drifted"]},
        "faulty": {c["name"]: c["began"] for c in report["columns"] if c["drifted"]},
        "verdict": made["decision"].verdict, "importance": weights, "days": days.rows(),
        "split": dict(made["training_table"].group_by("split").len().collect().iter_rows()),
    }"""
    seen = execute("06_monitoring_and_drift.ipynb", 5, look)

    assert seen["found"], "December is not like the summer"
    assert "distance" not in seen["found"]
    assert "2013-12-15" <= seen["faulty"]["distance"] <= "2013-12-20"
    assert seen["verdict"] in ("healthy", "warn", "retrain")
    assert len(seen["importance"]) > 40
    assert len(seen["days"]) == 62
    assert seen["split"]["train"] == 84_124


@pytest.mark.slow
def test_a_node_a_network_and_a_prune_step_of_the_notebooks_own(execute):
    look = """{
        "columns": [c.name for c in built["encoding"].columns],
        "body": type(built["student"].network(built["encoding"]).body).__name__,
        "trials": [(t.name, t.after.parameters, t.not_made) for t in built["pruning_trials"].trials],
        "candidates": [m.name for m in judged["measurements"].candidates],
        "units": units.height,
    }"""
    seen = execute("07_extend_it.ipynb", 4, look)

    assert {"flavanoid_share", "colour_per_hue"} <= set(seen["columns"])
    assert seen["body"] == "Gated"
    assert [name for name, _, _ in seen["trials"]] == ["pruned_25", "pruned_50", "pruned_75"]
    assert [why for _, _, why in seen["trials"]] == [None] * 3
    assert {"teacher", "student", "pruned_75"} <= set(seen["candidates"])
    assert seen["units"] == 32


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_committed_without_outputs(path: Path):
    notebook = nbformat.read(path, as_version=4)

    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cells
    assert [cell.outputs for cell in cells] == [[]] * len(cells)
    assert [cell.execution_count for cell in cells] == [None] * len(cells)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
