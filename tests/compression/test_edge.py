import hashlib
import json

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from compression import broken
from compression.candidates import candidate
from stillroom.compression.budget import BudgetConfig
from stillroom.compression.choose import BudgetError
from stillroom.compression.edge import choose_edge, edge_card, to_ort
from stillroom.compression.export import export
from stillroom.runtime.session import open_session
from stillroom.table.encoding import feeds
from stillroom.table.signature import METADATA_KEY, Signature
from stillroom.training.fit import build_network
from training import small

ENCODING = small.encoding("binary")
ROWS = feeds(small.table("binary", 100, seed=4), ENCODING)


@pytest.fixture(scope="module")
def student() -> onnx.ModelProto:
    signature = Signature(
        table="small",
        task="binary",
        target="target",
        inputs=[c.input for c in ENCODING.columns],
        candidate="student",
    )
    return export(build_network(small.model("mlp", widths=[64, 64]), ENCODING, seed=1), ENCODING, signature)


def test_a_model_in_ort_format_answers_the_same_and_keeps_its_metadata(student: onnx.ModelProto) -> None:
    file = to_ort(student)

    session = open_session(file)

    assert file[4:8] == b"ORTM"
    expected = open_session(student.SerializeToString()).run(None, ROWS)[0]
    np.testing.assert_array_equal(session.run(None, ROWS)[0], expected)
    assert json.loads(session.get_modelmeta().custom_metadata_map[METADATA_KEY])["candidate"] == "student"


def convolution() -> onnx.ModelProto:
    """32 channels in and out, whose layout ONNX Runtime changes to suit the processor if it may."""
    pictures, out = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 32, 8, 8]) for name in ("pictures", "out")
    )
    weights = numpy_helper.from_array(np.ones((32, 32, 3, 3), np.float32), "weights")
    node = helper.make_node("Conv", ["pictures", "weights"], ["out"], pads=[1, 1, 1, 1])
    graph = helper.make_graph([node], "convolution", [pictures], [out], [weights])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def test_an_edge_file_is_laid_out_for_no_processor_in_particular() -> None:
    assert b"ReorderInput" not in to_ort(convolution())


MODELS = {"teacher": broken.right(), "student": broken.right(), "int8": broken.right()}
MODELS["teacher"].doc_string = "x" * 9000
MODELS["student"].doc_string = "x" * 5000
MEASURED = [
    candidate("teacher", 0.72, 900, 300, 90_000),
    candidate("student", 0.716, 60, 20, 900),
    candidate("int8", 0.71, 20, 18, 300),
]


@pytest.mark.parametrize(("loss", "chosen"), [(0.02, "int8"), (0.005, "student"), (0.001, "teacher")])
def test_the_smallest_file_that_loses_little_enough_is_chosen(loss: float, chosen: str) -> None:
    figures, file = choose_edge(MODELS, MEASURED, BudgetConfig(max_quality_loss=loss, optimise="size"), "binary")
    assert figures.name == chosen
    assert figures.size_kb == len(file) / 1000


def test_the_limit_on_size_is_the_edge_files() -> None:
    with pytest.raises(BudgetError, match=r"the nearest miss is int8, which breaks max_size_kb 0.5: "):
        choose_edge(MODELS, MEASURED, BudgetConfig(max_size_kb=0.5), "binary")


def test_the_card_says_what_a_page_needs(student: onnx.ModelProto) -> None:
    file = to_ort(student)
    card = edge_card(student, candidate("student", 0.7, len(file) / 1000, 20, 900), file, {"colour": "red"})

    assert (card.table, card.task, card.target, card.candidate) == ("small", "binary", "target", "student")
    assert (card.metric, card.metrics) == ("roc_auc", {"roc_auc": 0.7})
    assert card.choices == {"colour": ["blue", "green", "red"], "room": ["1", "2", "3", "4"]}
    assert card.sha256 == hashlib.sha256(file).hexdigest()
    assert ort.InferenceSession(file).get_inputs()[3].name == "colour"
