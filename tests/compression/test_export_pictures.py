"""Pictures in the exported graph: decoded outside, resized and normalised inside."""

import numpy as np
import onnx
import pytest

from stillroom.compression.export import export
from stillroom.compression.gate import check_export, open_session, run
from stillroom.models.network import TableNetwork
from stillroom.table.encoding import Encoding, encode, feeds, with_odd_values
from stillroom.table.inputs.pictures import pixels, png
from stillroom.table.signature import Signature
from stillroom.training.fit import build_network, predict
from stillroom.training.settings import ModelConfig
from table import pictures

CNN = ModelConfig.model_validate({"network": {"_target_": "stillroom.models.cnn.Cnn", "widths": [4, 8]}})
BESIDE = {"numeric": ["number"], "categorical": ["kind"]}


def exported(encoding: Encoding) -> tuple[TableNetwork, onnx.ModelProto]:
    network = build_network(CNN, encoding, seed=3).eval()
    inputs = [c.input for c in encoding.columns]
    return network, export(network, encoding, Signature(table="p", task="binary", target="bright", inputs=inputs))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("declared", [{}, BESIDE], ids=["alone", "beside others"])
def test_the_graph_answers_as_the_network_missing_pictures_too(channels: int, declared: dict) -> None:
    table = pictures.frame(60, channels)
    encoding = pictures.encoding(pictures.spec(channels, **declared), table)
    network, model = exported(encoding)
    odd = with_odd_values(table, encoding, every=10)
    expected = predict(network, encode(odd.lazy(), encoding))
    assert check_export("cnn", model, feeds(odd, encoding), expected, 1e-5) < 1e-5


@pytest.mark.parametrize("size", [(8, 8), (16, 16), (20, 11), (5, 7), (64, 48)])
def test_the_graph_resizes_pixels_of_any_size_as_pillow_does(size: tuple[int, int]) -> None:
    encoding = pictures.encoding(pictures.spec(), pictures.frame(60))
    _, model = exported(encoding)
    probe = _resizing_part(model)
    noise = np.random.default_rng(0).integers(0, 256, (4, *size, 1), dtype=np.uint8)
    found = run(open_session(probe), {"picture": noise})[:, 0].astype(int)
    expected = np.stack([pixels(png(each), 8, 8, 1)[..., 0] for each in noise]).astype(int)
    assert np.abs(found - expected).max() <= 1
    assert (found == expected).mean() > 0.75  # Pillow rounds between its two passes


def test_the_batch_norms_are_folded_into_the_convolutions() -> None:
    _, model = exported(pictures.encoding(pictures.spec(), pictures.frame(60)))
    operators = [node.op_type for node in model.graph.node]
    assert "BatchNormalization" not in operators
    assert operators.count("Conv") == 6


def _resizing_part(model: onnx.ModelProto) -> onnx.ModelProto:
    """The graph up to the array that the network reads."""
    part = onnx.ModelProto()
    part.CopyFrom(model)
    last = next(i for i, node in enumerate(part.graph.node) if node.output[0] == "stillroom_image")
    del part.graph.node[last + 1 :]
    del part.graph.output[:]
    part.graph.output.append(onnx.helper.make_tensor_value_info("stillroom_image", onnx.TensorProto.UINT8, None))
    return part
