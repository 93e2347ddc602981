import pytest
import torch

from stillroom.models.cnn import Cnn
from stillroom.models.features import Features
from stillroom.models.network import example_inputs
from stillroom.table.encoding import encode
from stillroom.table.errors import InputError
from stillroom.training.fit import build_network
from stillroom.training.settings import ModelConfig
from table import pictures
from training import small

CNN = ModelConfig.model_validate({"network": {"_target_": "stillroom.models.cnn.Cnn", "widths": [4, 8]}})
BESIDE = {"numeric": ["number"], "categorical": ["kind"]}


@pytest.mark.parametrize("declared", [{}, {"numeric": ["number"]}, BESIDE], ids=["alone", "number", "both"])
@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_answered_alone_or_beside_other_columns(declared: dict, channels: int) -> None:
    table = pictures.frame(60, channels)
    encoding = pictures.encoding(pictures.spec(channels, **declared), table)
    network = build_network(CNN, encoding, seed=0).eval()
    inputs = {kind: torch.from_numpy(array) for kind, array in encode(table.lazy(), encoding).inputs.items()}
    answers = network(inputs)
    assert answers.shape == (60,)
    for kind, values in inputs.items():
        moved = network({**inputs, kind: values.roll(1, 0)})
        assert (moved - answers).abs().max() > 1e-4, kind


def test_each_stage_but_the_first_halves_the_pictures() -> None:
    network = Cnn(Features(0, image=(1, 28, 28)), 10, widths=[4, 8, 16], blocks=2, stem_stride=2)
    shapes = []
    for stage in network.stages:
        stage.register_forward_hook(lambda *call: shapes.append(tuple(call[2].shape[1:])))
    network(torch.zeros(2, 0), torch.zeros(2, 0, dtype=torch.int64), torch.zeros(2, 1, 28, 28))
    assert shapes == [(4, 14, 14), (4, 14, 14), (8, 7, 7), (8, 7, 7), (16, 4, 4), (16, 4, 4)]


def test_pixels_are_normalised_to_mean_0_and_deviation_1() -> None:
    table = pictures.frame(60, channels=3)
    encoding = pictures.encoding(pictures.spec(3), table)
    front = build_network(CNN, encoding, seed=0).front["image"]
    levels = front(torch.from_numpy(encode(table.lazy(), encoding)["image"]))
    assert levels.mean(dim=(0, 2, 3)).abs().max() < 1e-3
    assert (levels.std(dim=(0, 2, 3)) - 1).abs().max() < 1e-3


def test_a_network_that_does_not_read_pictures_is_refused_for_a_table_that_has_some() -> None:
    encoding = pictures.encoding(pictures.spec(**BESIDE), pictures.frame(12))
    with pytest.raises(InputError, match="Mlp reads no image columns, and the table has picture"):
        build_network(small.model("mlp"), encoding, seed=0)


def test_a_network_of_pictures_is_refused_for_a_table_without() -> None:
    with pytest.raises(InputError, match="Cnn needs image columns, and the table has none"):
        build_network(CNN, small.encoding("binary"), seed=0)


def test_example_inputs_have_the_shape_of_the_encoded_ones() -> None:
    table = pictures.frame(6, channels=3)
    encoding = pictures.encoding(pictures.spec(3, **BESIDE), table)
    real, example = encode(table.lazy(), encoding).inputs, example_inputs(encoding, 6)
    assert {k: (tuple(v.shape), v.dtype) for k, v in example.items()} == {
        k: (v.shape, torch.from_numpy(v).dtype) for k, v in real.items()
    }
