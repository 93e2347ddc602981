"""What Kedro-Viz shows of the project, and what Kedro's inspection says of it."""

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
import screenshots
from kedro.framework.project import pipelines
from kedro.framework.startup import bootstrap_project
from kedro.inspection import get_project_snapshot

from chromium import chromium
from conftest import copy_project
from stillroom import pipeline_registry

LAYERS = ["raw", "intermediate", "primary", "model_input", "models", "model_output", "reporting"]
PIPELINES = ["__default__", *pipeline_registry.ORDER, "evaluate", "join", "score"]
TABLES = ["flights", "weather", "planes", "airports", "training_table", "soft_targets"]
RECORDS = ["quality", "pruning_trials", "int8_trials", "measurements", "choice", "drift_report"]
FIGURES = ["pareto_figure", "learning_figure", "drift_figure"]
DOCUMENTS = ["encoding", "yardsticks", "float_parity", "gate_verdict", "champion", "edge"]
PAGES = ["report", "drift_page"]
# What there is nothing to see of: models, profiles, and what other programs read.
WITHOUT_PREVIEW = {
    *("teacher", "student", "float_models", "int8_models"),
    *("reference_profile", "drift_series", "summary"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory, small_raw) -> Path:
    """The folder of `kedro viz build --include-previews` after a quick run."""
    project = copy_project(tmp_path_factory.mktemp("viz") / "project", small_raw)
    for command in (["run", "--params", "experiment=quick"], ["viz", "build", "--include-previews"]):
        done = project.kedro(*command)
        assert done.returncode == 0, done.stdout + done.stderr
    return project.path / "build/api"


@pytest.fixture(scope="module")
def graph(built: Path) -> dict[str, Any]:
    return json.loads((built / "main").read_text())


@pytest.fixture(scope="module")
def shown(built: Path, graph: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What the side panel shows of each dataset."""
    return {
        node["name"]: json.loads((built / "nodes" / node["id"]).read_text())
        for node in graph["nodes"]
        if node["type"] == "data"
    }


@pytest.mark.slow
def test_layers_and_pipelines_are_shown_in_order(graph):
    assert graph["layers"] == LAYERS
    assert [pipeline["id"] for pipeline in graph["pipelines"]] == PIPELINES
    assert [node["name"] for node in graph["nodes"] if node["type"] == "data" and node["layer"] not in LAYERS] == []


@pytest.mark.slow
def test_tables_are_shown_with_their_first_rows(shown):
    previews = {name: shown[name]["preview"] for name in TABLES}

    assert {name: len(preview["data"]) for name, preview in previews.items()} == dict.fromkeys(TABLES, 8)
    assert previews["flights"]["columns"][:3] == ["year", "month", "day"]
    assert previews["flights"]["data"][0][0] == "2013"


@pytest.mark.slow
def test_figures_of_merit_are_shown_as_tables(shown):
    previews = {name: shown[name]["preview"] for name in RECORDS}

    assert {shown[name]["preview_type"] for name in RECORDS} == {"TablePreview"}
    assert previews["measurements"]["columns"][:2] == ["name", "size_kb"]
    assert "metrics.roc_auc" in previews["measurements"]["columns"]
    assert [row[0] for row in previews["measurements"]["data"]][:2] == ["teacher", "student"]
    assert {row[0] for row in previews["choice"]["data"]} == {row[0] for row in previews["measurements"]["data"]}
    assert previews["quality"]["columns"][:3] == ["name", "kind", "missing"]
    assert previews["drift_report"]["data"][0][0] == "prediction"


@pytest.mark.slow
def test_plots_and_documents_are_shown(shown):
    assert all(shown[name]["preview"]["data"] for name in FIGURES)
    assert {shown[name]["preview_type"] for name in FIGURES} == {"PlotlyPreview"}
    assert all(json.loads(shown[name]["preview"]) for name in DOCUMENTS)


@pytest.mark.slow
def test_pages_are_left_to_the_browser(shown):
    assert [shown[name].get("preview") for name in PAGES] == [None, None]
    assert [Path(shown[name]["filepath"]).name for name in PAGES] == ["report.html", "drift.html"]


@pytest.mark.slow
def test_what_a_person_would_look_at_has_a_preview(shown):
    bare = {name for name, dataset in shown.items() if dataset.get("filepath") and not dataset.get("preview")}

    assert bare == WITHOUT_PREVIEW | set(PAGES)


@pytest.mark.slow
def test_each_pipeline_is_a_box_and_the_flights_one_in_prepare(graph):
    boxes = graph["modular_pipelines"]

    assert set(boxes) == {"__root__", *pipeline_registry.ORDER, "prepare.flights"}
    assert "prepare.flights" in {child["id"] for child in boxes["prepare"]["children"]}


@pytest.mark.slow
def test_the_last_run_s_status_is_that_of_every_node(built, graph):
    status = json.loads((built / "run-status").read_text())
    tasks = {node["id"] for node in graph["nodes"] if node["type"] == "task"}

    assert set(status["nodes"]) == tasks
    assert {node["status"] for node in status["nodes"].values()} == {"success"}
    assert status["pipeline"]["status"] == "success"


@pytest.mark.slow
def test_a_browser_shows_the_boxes_and_then_every_node_with_its_status(built, tmp_path, monkeypatch):
    monkeypatch.setattr(screenshots, "IMAGES", tmp_path)
    with chromium() as browser:
        with screenshots.flow_page(browser, built.parent) as page:
            boxes = page.locator(".pipeline-node--modularPipeline").all_text_contents()
            screenshots.show_status(page)
            nodes = page.locator(".pipeline-node--task").all_text_contents()
        for name, picture in screenshots.flow_pictures(browser, built.parent):
            screenshots.save(name, picture)

    assert sorted(boxes) == sorted(pipeline_registry.ORDER)
    assert len(nodes) == 46
    assert all(node.startswith("Status:success") for node in nodes)
    assert any(node.endswith("train_teacher") for node in nodes)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["viz-flow.png", "viz-status.png"]


def test_every_node_says_what_it_does(project):
    with project.session() as session:
        session.load_context()
        functions = {node.func for pipeline in pipelines.values() for node in pipeline.nodes}

    first = {function.__name__: (inspect.getdoc(function) or "").partition("\n")[0] for function in functions}
    assert [name for name, line in first.items() if len(line.split()) < 3] == []


@pytest.fixture(params=["flights", "wine", "diabetes"])
def snapshot(request, project):
    """What the inspection says once a session has declared the table."""
    metadata = bootstrap_project(project.path)
    with project.session(runtime_params={"table": request.param}) as session:
        session.load_context()
        yield get_project_snapshot(metadata=metadata, runtime_params={"table": request.param})


def test_every_dataset_of_the_pipelines_is_declared(snapshot):
    nodes = [node for pipeline in snapshot.pipelines for node in pipeline.nodes]
    used = {name for node in nodes for name in [*node.inputs, *node.outputs] if not name.startswith("params:")}

    assert used - snapshot.datasets.keys() == set()
    assert {
        name.removeprefix("params:") for node in nodes for name in node.inputs if name.startswith("params:")
    } <= set(snapshot.parameters)


def test_every_dataset_that_is_kept_has_its_own_file(snapshot):
    filed = [(dataset.filepath, dataset.type) for dataset in snapshot.datasets.values() if dataset.filepath]
    kept = [filepath for filepath, kind in filed if "champion" not in kind]

    assert len(kept) == len(set(kept))


def test_nodes_are_named_by_what_they_do(snapshot):
    nodes = [node for pipeline in snapshot.pipelines for node in pipeline.nodes]

    assert nodes
    assert [node.name for node in nodes if node.name.rpartition(".")[2] != node.func_name] == []


def test_the_inspection_needs_no_session(project):
    pipeline_registry._table = None
    snapshot = get_project_snapshot(project.path)

    assert [pipeline.name for pipeline in snapshot.pipelines] == PIPELINES
    assert "flights" in next(pipeline for pipeline in snapshot.pipelines if pipeline.name == "prepare").inputs
    pipelines.configure(pipeline_registry.__name__)
