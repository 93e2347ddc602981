import pytest
import torch

from stillroom.compression.pruning.widths import Layer, widths


def layer(width: int, weight: float = 1.0, multiple: int = 1, own_ratio: float | None = None) -> Layer:
    return Layer(width, torch.linspace(0.5, 1, width) * weight, multiple, own_ratio)


@pytest.mark.parametrize(("ratio", "left"), [(0.25, {"a": 30, "b": 12}), (0.9, {"a": 4, "b": 2})])
def test_each_layer_loses_the_same_share(ratio: float, left: dict[str, int]) -> None:
    assert widths({"a": layer(40), "b": layer(16)}, ratio, "layer") == left


def test_the_least_important_of_all_layers_leave_together() -> None:
    found = widths({"strong": layer(20, 10), "middle": layer(20), "weak": layer(20, 0.1)}, 0.5, "global")
    assert found == {"strong": 20, "middle": 10, "weak": 1}


@pytest.mark.parametrize(("ratio", "left"), [(0.25, 24), (0.3, 24), (0.4, 16), (0.7, 8), (0.99, 8)])
def test_widths_are_the_nearest_multiple_and_once_at_least(ratio: float, left: int) -> None:
    assert widths({"a": layer(32, multiple=8)}, ratio, "layer") == {"a": left}


def test_a_layer_narrower_than_the_multiple_stays_as_it_is() -> None:
    assert widths({"a": layer(6, multiple=8)}, 0.5, "layer") == {"a": 6}


@pytest.mark.parametrize("scope", ["layer", "global"])
def test_a_ratio_of_its_own_holds_for_a_layer_alone(scope: str) -> None:
    found = widths({"a": layer(20), "b": layer(20, own_ratio=0.0), "c": layer(20, own_ratio=0.75)}, 0.5, scope)
    assert found == {"a": 10, "b": 20, "c": 5}


@pytest.mark.parametrize("scope", ["layer", "global"])
def test_a_ratio_is_a_share_of_the_width_at_first(scope: str) -> None:
    already = Layer(40, torch.linspace(0.5, 1, 30), 1)
    assert widths({"a": already}, 0.5, scope) == {"a": 20}
