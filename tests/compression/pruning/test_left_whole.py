import pytest
from torch import nn

from compression.pruning import networks, tiny
from stillroom.compression.pruning.left_whole import ANSWERS, EMBEDDING, RAW, left_whole
from training import small


def whole(kind: type[nn.Module], task: str = "multiclass") -> dict[str, str]:
    return left_whole(tiny.own(kind, task), tiny.inputs(task))


@pytest.mark.parametrize("task", small.TASKS)
@pytest.mark.parametrize("name", ["mlp", "own"])
def test_what_makes_the_scores_is_left_whole_and_hidden_layers_are_not(name: str, task: str) -> None:
    found = left_whole(tiny.built(name, task), tiny.inputs(task))
    expected = {"mlp": {"head": ANSWERS, "embed.table": EMBEDDING}, "own": {"layers.2": ANSWERS}}
    assert found == expected[name]


def test_the_answering_layer_is_found_wherever_it_is_defined_and_whatever_is_as_wide() -> None:
    assert whole(networks.HeadFirst) == {"head": ANSWERS}


def test_both_layers_that_are_added_to_the_answer_are_found() -> None:
    assert whole(networks.TwoHeads) == {"deep_head": ANSWERS, "linear_head": ANSWERS}


def test_convolutions_with_batch_norm_and_a_residual_sum_may_all_lose_channels() -> None:
    assert whole(networks.Convolutions) == {"head": ANSWERS}


def test_attention_is_left_whole_for_its_heads_are_equally_wide() -> None:
    found = whole(networks.Attention)
    assert found["head"] == ANSWERS
    for bound_to_the_heads in ("token", "encoder.linear2"):
        assert found[bound_to_the_heads].startswith("the network fails without one of its channels: embed_dim 15")
    assert "encoder.linear1" not in found


def test_what_multiplies_a_raw_parameter_is_left_whole_and_what_comes_before_is_not() -> None:
    found = whole(networks.RawWeights)
    assert found == {"": RAW, "second": f"it shares its channels with RawWeights: {RAW}"}


def test_of_a_transformer_over_columns_the_hidden_units_may_leave() -> None:
    found = left_whole(tiny.built("ft_transformer", "binary"), tiny.inputs("binary"))
    assert found["backbone.backbone.output.linear"] == ANSWERS
    assert found["backbone.cls_embedding"] == RAW
    assert "shape" in found["backbone.backbone.blocks.0.attention.W_q"]
    assert "backbone.backbone.blocks.0.ffn.linear1" not in found
