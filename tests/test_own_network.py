"""A network of the user's own goes the whole way, named by `_target_` in two small files."""

import json
import sys
from pathlib import Path

import onnx
import pytest
from torch import Tensor, nn

NETWORK = '''
import torch
from torch import nn


class Gated(nn.Module):
    """A plain module, written without a thought of Stillroom: one tensor in, scores out."""

    def __init__(self, in_features: int, out_features: int, hidden: int = 32):
        super().__init__()
        self.expand = nn.Linear(in_features, hidden)
        self.gate = nn.Linear(in_features, hidden)
        self.answer = nn.Linear(hidden, out_features)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.answer(torch.relu(self.expand(x)) * torch.sigmoid(self.gate(x)))


class Wrong(Gated):
    """Which forgets to answer each class."""

    def __init__(self, in_features: int):
        super().__init__(in_features, 1)


class Stubborn(Gated):
    """Which does what ONNX has no operator for."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        answers = super().forward(x)
        return answers if answers.detach().sum().item() > 0 else -answers
'''
BRIEF = "table=wine,experiment=quick,trainer.progress=false,compress.prune.ratios=[0.5]"


class Notebook(nn.Module):
    """As if it were written in a cell."""

    def __init__(self, in_features: int, out_features: int, hidden: int):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(in_features, hidden), nn.ReLU(), nn.Linear(hidden, out_features))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


@pytest.fixture
def own(project, monkeypatch, tmp_path: Path):
    """A project whose user has a package of networks, and an option of `model` and of `student` that names one."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/networks.py").write_text(NETWORK)
    monkeypatch.syspath_prepend(tmp_path)

    def declare(name: str, more: str = "") -> None:
        for group, package in {"model": "model", "student": "compress.student"}.items():
            option = project.path / "conf/local" / group / "gated.yaml"
            option.parent.mkdir(parents=True, exist_ok=True)
            option.write_text(f"# @package {package}\nnetwork:\n  _target_: shop.networks.{name}\n{more}")

    return project, declare


@pytest.mark.slow
def test_it_is_trained_distilled_pruned_quantised_and_exported(own) -> None:
    project, declare = own
    declare("Gated", "  hidden: 256\n")
    answer = project.run("--params", f"{BRIEF},model=gated,student=gated")
    assert answer.exit_code == 0, answer.output
    measured = json.loads((project.path / "data/08_reporting/wine/measurements.json").read_text())["candidates"]
    names = {m["name"] for m in measured}
    assert {"teacher", "student", "pruned_50", "student_dynamic", "pruned_50_static_qdq"} <= names
    student, pruned = (
        onnx.load(project.path / f"data/06_models/wine/float/{name}.onnx") for name in ("student", "pruned_50")
    )
    widths = [{d for t in model.graph.initializer for d in t.dims} for model in (student, pruned)]
    assert 256 in widths[0]
    assert 256 not in widths[1]


@pytest.mark.slow
def test_a_class_of_a_notebook_is_named_by_main(project, monkeypatch) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "Notebook", Notebook, raising=False)
    own = {"_target_": "__main__.Notebook", "hidden": 24}
    chosen = {"table": "wine", "experiment": "quick", "model": "own", "student": "own", "trainer.progress": False}
    named = {"model.network": own, "compress.student.network": own}
    with project.session(runtime_params=chosen | named) as session:
        session.run(pipeline_names=["prepare", "train", "compress"])
    student = onnx.load(project.path / "data/06_models/wine/float/student.onnx")
    assert 24 in {d for tensor in student.graph.initializer for d in tensor.dims}


def test_an_own_network_that_is_not_named_is_asked_for(project) -> None:
    answer = project.run("--params", "table=wine,model=own")
    assert answer.exit_code != 0
    assert "model.network: _target_ is not given: name a class by its dotted path" in " ".join(answer.output.split())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Wrong", "the network Wrong answers [3, 1] for 3 rows; the table's multiclass task needs [rows, 3]"),
        ("Stubborn", "Stubborn"),
    ],
)
def test_what_cannot_be_is_said_with_its_name(own, name: str, sentence: str) -> None:
    project, declare = own
    declare(name)
    answer = project.run("--params", f"{BRIEF},model=gated,student=gated")
    assert answer.exit_code != 0
    assert sentence in answer.output
    assert "Traceback" not in answer.output
