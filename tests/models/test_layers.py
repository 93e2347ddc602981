import numpy as np
import pytest
import torch

from stillroom.models.layers import Embed, PiecewiseLinear, Standardise


def test_standardise_clips_scales_fills_and_flags() -> None:
    front = Standardise(mean=[10.0, 0.0], scale=[2.0, 1.0], low=[6.0, -1.0], high=[14.0, 1.0], flag=[True, False])
    raw = np.array([[12.0, 0.5], [np.nan, 9.0], [-100.0, np.nan], [np.inf, -np.inf]], np.float32)

    out = front(torch.from_numpy(raw)).numpy()

    scaled = (np.clip(raw, [6, -1], [14, 1]) - [10, 0]) / [2, 1]
    expected = np.column_stack([np.nan_to_num(scaled), np.isnan(raw[:, 0])])
    np.testing.assert_allclose(out, expected, atol=1e-6)
    assert out.dtype == np.float32


def test_standardise_without_flags_adds_no_column() -> None:
    front = Standardise([0.0], [1.0], [-1.0], [1.0], [False])
    assert front(torch.tensor([[float("nan")]])).tolist() == [[0.0]]


def test_standardise_keeps_small_differences_far_from_zero() -> None:
    front = Standardise([1_000_000.0], [0.5], [0.0], [2_000_000.0], [False])
    out = front(torch.tensor([[1_000_000.0], [1_000_000.25], [1_000_000.5]]))
    assert out.ravel().tolist() == [0.0, 0.5, 1.0]


@pytest.mark.parametrize("columns", [1, 3])
def test_piecewise_linear_fills_the_bins_up_to_the_value(columns: int) -> None:
    draw = np.random.default_rng(0)
    bins = [np.sort(draw.normal(size=4)).astype(np.float32).tolist() for _ in range(columns)]
    raw = draw.normal(size=(50, columns + 1), scale=2).astype(np.float32)
    encode = PiecewiseLinear(bins)

    out = encode(torch.from_numpy(raw)).numpy()

    filled = [
        np.clip((raw[:, i] - edges[bin]) / (edges[bin + 1] - edges[bin]), 0, 1)
        for bin in range(3)
        for i, edges in enumerate(bins)
    ]
    np.testing.assert_allclose(out, np.column_stack(filled), atol=1e-5)
    assert encode.width == 3 * columns


def test_piecewise_linear_leaves_the_bins_that_a_column_has_not_got_empty() -> None:
    encode = PiecewiseLinear([[0.0, 1.0], [0.0, 1.0, 2.0]])
    assert encode(torch.tensor([[9.0, 1.5]])).tolist() == [[1.0, 1.0, 0.0, 0.5]]


def test_embed_looks_each_column_up_in_its_own_part_of_the_table() -> None:
    embed = Embed([3, 2], 4)
    codes = np.array([[0, 0], [2, 1], [1, 0]])
    weight = embed.table.weight.detach().numpy()

    out = embed(torch.from_numpy(codes)).detach().numpy()

    np.testing.assert_array_equal(out, np.hstack([weight[:3][codes[:, 0]], weight[3:][codes[:, 1]]]))
    assert embed.width == out.shape[1] == 8
