"""`%load_ext stillroom.notebook` in a real kernel."""

import json
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

SHORT = '"trainer.max_epochs": 3, "compress.student.max_epochs": 3, "trainer.progress": False, "release.rounds": 100'
CELLS = [
    "%load_ext stillroom.notebook",
    'first = run("prepare", table="wine")',
    'second = run("prepare", table="diabetes")',
    f'whole = run(table="wine", experiment="small", **{{{SHORT}}})\nwhole',
    """
from pathlib import Path
nodes = Path("src/stillroom/pipelines/prepare/nodes.py")
nodes.write_text(nodes.read_text().replace("return quality_report(", "return {"edited": True} | quality_report("))
Path("conf/base/trainer/own.yaml").write_text("defaults: [cpu]\\nprecision: bf16-mixed\\n")
""".replace('{"edited"', "{'edited'"),
    'edited = run("prepare", table="wine", trainer="own", nodes=["prepare.describe_table"])',
    """
import json, shutil
print(json.dumps({
    "made": [sorted(first), sorted(second)],
    "rows": [made["training_table"].collect().height for made in (first, second)],
    "targets": [made["encoding"].target.name for made in (first, second)],
    "shown": list(params["table"].columns)[:2],
    "precision": params["trainer"].precision,
    "edited": [first["quality"].get("edited"), edited["quality"].get("edited")],
    "catalog": catalog.load("quality")["edited"],
    "pipelines": list(pipelines)[:3],
    "here": Path("pyproject.toml").exists(),
    "kedro": shutil.which("kedro"),
}))
""",
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory, small_raw):
    from conftest import copy_project

    project = copy_project(tmp_path_factory.mktemp("notebook") / "project", small_raw)
    (project.path / "notebooks").mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    with pytest.MonkeyPatch.context() as patch:
        for name, value in project.environment.items():
            patch.setenv(name, value)
        folder = str(project.path / "notebooks")
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute()
    return notebook


@pytest.fixture
def told(executed):
    return json.loads(executed.cells[-1].outputs[-1].text)


@pytest.mark.slow
def test_a_session_runs_as_often_as_one_likes_and_returns_data(told):
    made = ["encoding", "quality", "training_table"]
    assert told["made"] == [made, made]
    assert told["rows"] == [178, 442]
    assert told["targets"] == ["target", "target"]


@pytest.mark.slow
def test_catalog_params_and_pipelines_are_those_of_the_latest_run(told):
    assert told["shown"] == ["alcohol", "malic_acid"]
    assert told["pipelines"] == ["__default__", "prepare", "train"]
    assert told["here"], "paths count from the project's folder"
    assert told["kedro"] == str(Path(sys.executable).parent / "kedro"), "`!kedro` is another environment's"


@pytest.mark.slow
def test_edits_in_conf_and_src_are_taken_up(told):
    assert told["precision"] == "bf16-mixed"
    assert told["edited"] == [None, True]
    assert told["catalog"] is True


@pytest.mark.slow
def test_a_whole_run_shows_its_candidates_and_pictures_and_how_far_it_is(executed):
    outputs = executed.cells[3].outputs
    shown = [output.data.get("text/html", "") for output in outputs if "data" in output]
    progress = "".join(output.text for output in outputs if output.output_type == "stream")

    assert sum("<th>accuracy</th>" in html for html in shown) == 1
    assert sum("Plotly.newPlot" in html for html in shown) == 3
    assert not any('src="https://cdn.plot.ly' in html for html in shown), "pictures need the network"
    assert "train_teacher" in progress
