"""Documents: pages, JSON, pydantic models, figures, and what Kedro-Viz shows of them."""

import json

import plotly.graph_objects as go
import pytest

from stillroom.datasets.files import UnreadableError
from stillroom.datasets.model import ModelDataset
from stillroom.datasets.text import HtmlDataset, JsonDataset, PlotlyDataset
from stillroom.table.signature import Signature
from table.tables import inputs

SIGNATURE = Signature(
    table="wine", task="regression", target="price", inputs=inputs(["hue"]), metrics={"rmse": float("nan")}
)


def test_a_page_is_kept_as_it_is(tmp_path):
    dataset = HtmlDataset(filepath=str(tmp_path / "page.html"))
    dataset.save("<h1>Größe: 3 µs</h1>\r\n")

    assert dataset.load() == dataset.preview() == "<h1>Größe: 3 µs</h1>\r\n"


def test_json_keeps_what_is_not_a_number_and_the_preview_shows_null(tmp_path):
    dataset = JsonDataset(filepath=str(tmp_path / "figures.json"))
    dataset.save({"auc": 0.7, "loss": float("nan"), "limit": float("inf")})

    assert str(dataset.load()) == "{'auc': 0.7, 'loss': nan, 'limit': inf}"
    assert json.loads(dataset.preview()) == {"auc": 0.7, "loss": None, "limit": None}


@pytest.fixture
def signature(tmp_path):
    return ModelDataset(model="stillroom.table.signature.Signature", filepath=str(tmp_path / "signature.json"))


def test_a_model_comes_back_as_what_it_was(signature):
    signature.save(SIGNATURE)

    assert repr(signature.load()) == repr(SIGNATURE)
    assert json.loads(signature.preview())["metrics"] == {"rmse": None}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            '{"table": "wine", "task": "guess", "target": "price"}',
            "task: Input should be 'binary', 'multiclass' or 'regr",
        ),
        ('{"table": "wine"', "the document: Invalid JSON: EOF"),
        ("", "the document: Invalid JSON: EOF"),
    ],
)
def test_a_document_that_is_no_such_model_is_said_in_one_sentence(signature, tmp_path, content, reason):
    (tmp_path / "signature.json").write_text(content)

    with pytest.raises(UnreadableError) as refusal:
        signature.load()
    assert f"signature.json does not hold a Signature ({reason}" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_figure_is_kept_and_previewed(tmp_path):
    dataset = PlotlyDataset(filepath=str(tmp_path / "figure.json"))
    dataset.save(go.Figure(go.Scatter(x=[1, 2], y=[3, 4])))

    assert list(dataset.load().data[0].y) == [3, 4]
    assert dataset.preview()["data"][0]["type"] == "scatter"
