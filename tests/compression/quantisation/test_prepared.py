from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, numpy_helper
from torch import nn

from stillroom.compression.gate import check_export, open_session
from stillroom.compression.measure import predict
from stillroom.compression.quantisation.prepared import layer_name, prepare
from stillroom.compression.quantisation.settings import Calibration, Method

from .networks import CALIBRATION, METHODS, config, exported

STATIC: list[Method] = ["static_qdq", "static_qoperator"]
PICTURES = {"picture": np.random.default_rng(0).random((300, 3, 12, 12), dtype=np.float32)}


class Convolutions(nn.Module):
    """Two convolutions with batch normalisation, a residual connection, a linear answer: [N] in 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU())
        self.block = nn.Sequential(nn.Conv2d(32, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32))
        self.head = nn.Linear(32, 1)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        hidden = self.stem(picture)
        return torch.sigmoid(self.head(torch.relu(hidden + self.block(hidden)).mean((2, 3))))[:, 0]


@pytest.fixture(scope="module")
def convolutional() -> onnx.ModelProto:
    torch.manual_seed(0)
    network = Convolutions()
    with torch.no_grad():
        for _ in range(10):  # gives the batch normalisation statistics of its own
            network(torch.as_tensor(PICTURES["picture"]))
    example = (torch.zeros(3, 3, 12, 12),)
    names = {"input_names": ["picture"], "output_names": ["prediction"]}
    program = torch.onnx.export(
        network.eval(), example, dynamo=True, dynamic_shapes=({0: "batch"},), verbose=False, **names
    )
    assert program is not None
    return program.model_proto


def weights(model: onnx.ModelProto) -> dict[str, onnx.TensorProto]:
    return {tensor.name: tensor for tensor in model.graph.initializer}


@pytest.mark.parametrize("method", STATIC)
def test_convolutions_run_in_int8_a_scale_a_channel_in_core_operators(
    convolutional: onnx.ModelProto, method: Method, tmp_path: Path
) -> None:
    prepared = prepare(convolutional, method, config(), PICTURES, tmp_path)
    made = prepared.quantise([])

    assert prepared.operators == ["stem/0", "block/0", "head"]
    assert prepared.per_channel
    expected = predict(open_session(convolutional), PICTURES)
    assert 0 < check_export("cnn", made, PICTURES, expected, tolerance=None) < 0.02
    assert "BatchNormalization" not in {node.op_type for node in made.graph.node}
    scales = {name: t.dims for name, t in weights(made).items() if name.endswith("weight_scale")}
    assert {name: list(scales[f"{name}.weight_scale"]) for name in ("stem.0", "block.0")} == {
        "stem.0": [32],
        "block.0": [32],
    }
    assert len(made.SerializeToString()) < 0.7 * len(convolutional.SerializeToString())


def test_the_dynamic_way_leaves_convolutions_in_float(convolutional: onnx.ModelProto, tmp_path: Path) -> None:
    assert prepare(convolutional, "dynamic", config(), PICTURES, tmp_path).operators == ["head"]


@pytest.mark.parametrize("method", STATIC)
def test_what_is_excluded_stays_in_float_after_onnx_runtime_has_loaded_it(
    convolutional: onnx.ModelProto, method: Method, tmp_path: Path
) -> None:
    made = prepare(convolutional, method, config(), PICTURES, tmp_path).quantise(["block/0"])
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "loaded.onnx")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])
    loaded = onnx.load(tmp_path / "loaded.onnx")

    kinds = sorted(node.op_type for node in loaded.graph.node if "Conv" in node.op_type)
    assert len(kinds) == 2
    assert kinds[1] == "QLinearConv"
    assert kinds[0] != "QLinearConv"
    shapes = {(t.data_type, tuple(t.dims)) for t in loaded.graph.initializer}
    assert any(kind == TensorProto.FLOAT and len(dims) == 4 for kind, dims in shapes)


def test_static_ways_are_calibrated_on_the_given_rows(tmp_path: Path) -> None:
    student = exported("mlp")
    far = {**CALIBRATION, "height": CALIBRATION["height"] * 0, "year": CALIBRATION["year"] * 0 + 2012}
    scales = []
    for name, rows in {"usual": CALIBRATION, "far": far}.items():
        (tmp_path / name).mkdir()
        made = prepare(student, "static_qdq", config(), rows, tmp_path / name).quantise([])
        scales.append({n: t.SerializeToString() for n, t in weights(made).items() if n.endswith("_scale")})
    assert scales[0].keys() == scales[1].keys()
    assert scales[0] != scales[1]


@pytest.mark.parametrize(("calibration", "narrower"), [("minmax", False), ("entropy", False), ("percentile", True)])
def test_percentiles_leave_a_rare_far_value_out_of_the_ranges(
    calibration: Calibration, narrower: bool, convolutional: onnx.ModelProto, tmp_path: Path
) -> None:
    rare = {"picture": PICTURES["picture"].copy()}
    rare["picture"][0, 0, 0, 0] = 100.0
    made = prepare(convolutional, "static_qdq", config(calibration=calibration), rare, tmp_path).quantise([])
    scale = float(numpy_helper.to_array(weights(made)["picture_scale"]))
    assert (scale < 0.01) == narrower


@pytest.mark.parametrize("method", METHODS)
def test_seven_bits_fill_half_the_range_of_a_weight(method: Method, tmp_path: Path) -> None:
    student = exported("mlp")
    largest = []
    for reduced in (False, True):
        made = prepare(student, method, config(reduce_range=reduced), CALIBRATION, tmp_path).quantise([])
        (tmp_path / "ranges.json").unlink(missing_ok=True)
        kept = [numpy_helper.to_array(t) for t in weights(made).values() if t.data_type == TensorProto.INT8]
        largest.append(max(int(np.abs(values).max()) for values in kept))
    assert largest == [127, 64]


@pytest.mark.parametrize(
    ("parameter", "layer"),
    [
        ("net/network.body.hidden.0.weight", "body/hidden/0"),
        ("net/network.body.head.weight_Transposed", "body/head"),
        ("net/network.body.backbone.output.linear.bias", "body/backbone/output/linear"),
        ("net/node_matmul_3", "node_matmul_3"),
    ],
)
def test_layers_are_called_as_in_the_network(parameter: str, layer: str) -> None:
    assert layer_name(parameter) == layer
