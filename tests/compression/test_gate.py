from collections.abc import Callable

import numpy as np
import onnx
import pytest

from compression import broken
from stillroom.compression.gate import ExportError, check_export


def test_a_right_model_passes_and_its_difference_is_told() -> None:
    assert check_export("right", broken.right(), broken.FEEDS, broken.EXPECTED, 1e-4) == 0
    moved = broken.EXPECTED + np.float32(5e-5)
    assert check_export("right", broken.right(), broken.FEEDS, moved, 1e-4) == pytest.approx(5e-5, rel=0.1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (broken.frozen, "the batch size of prediction was frozen"),
        (broken.not_finite, "predictions that are not finite numbers, at batch size 1"),
        (broken.wrong, "differs from the trained network by 1.00e-02, allowed 1.1"),
        (broken.wrong_shape, r"1 rows in, predictions of shape \(1, 1\) out"),
        (broken.foreign, "operators outside ONNX's core, which other runtimes lack: com.microsoft.Gelu"),
        (broken.unknown, "Distil"),
        (broken.wrong_after_a_thousand, "differs from the trained network by 1.00e"),
    ],
)
def test_a_broken_model_is_refused_by_name_and_reason(make: Callable[[], onnx.ModelProto], message: str) -> None:
    with pytest.raises(ExportError, match=f"^student: .*{message}"):
        check_export("student", make(), broken.FEEDS, broken.EXPECTED, 1e-4)


def test_without_a_tolerance_the_difference_is_only_told() -> None:
    assert check_export("int8", broken.wrong(), broken.FEEDS, broken.EXPECTED, None) == pytest.approx(0.01, rel=1e-2)


def test_the_tolerance_is_in_the_predictions_unit_however_far_they_spread() -> None:
    wide = {**broken.FEEDS, "a": broken.FEEDS["a"] * 1000}
    with pytest.raises(ExportError, match="differs from the trained network"):
        check_export("wide", broken.wrong(), wide, (wide["a"] + wide["b"] + 1).ravel(), 1e-4)


def test_float32s_own_rounding_is_no_difference() -> None:
    far = {**broken.FEEDS, "a": broken.FEEDS["a"] + np.float32(1e7)}
    expected = (far["a"] + (far["b"] + 1)).ravel()  # summed in another order than the graph does
    assert check_export("far", broken.right(), far, expected, 1e-4) <= 4


def test_there_must_be_rows_to_compare_on() -> None:
    with pytest.raises(ExportError, match="no rows"):
        check_export("none", broken.right(), {c: v[:0] for c, v in broken.FEEDS.items()}, broken.EXPECTED[:0], 1e-4)
