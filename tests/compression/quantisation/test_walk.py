from pathlib import Path

import onnx
import pytest

from stillroom.compression.quantisation.judge import Judge
from stillroom.compression.quantisation.prepared import prepare
from stillroom.compression.quantisation.settings import Method
from stillroom.compression.quantisation.walk import Walked, walk

from .networks import CALIBRATION, METHODS, VALIDATION, config, exported, rows, with_an_outlier, with_outliers

SENSITIVE = exported("mlp", change=with_an_outlier)
HOPELESS = exported("mlp", change=with_outliers)


def walked(model: onnx.ModelProto, method: Method, folder: Path, **changes: object) -> Walked:
    judge = Judge(model, VALIDATION, rows(model).target, "binary")
    return walk(prepare(model, method, config(**changes), CALIBRATION, folder), judge)


@pytest.mark.parametrize("method", METHODS)
def test_the_operator_with_an_outlier_is_found_and_stays_in_float_and_the_loss_fits(
    method: Method, tmp_path: Path
) -> None:
    unlimited = walked(SENSITIVE, method, tmp_path, max_loss=None)
    assert unlimited.judged is not None
    assert unlimited.judged.loss > 0.2
    assert unlimited.sensitivities == [], "nothing is measured where any loss is allowed"

    ended = walked(SENSITIVE, method, tmp_path, max_loss=0.02)
    assert ended.excluded == ["body/hidden/3"]
    assert ended.model is not None
    assert ended.judged is not None
    assert 0 <= ended.judged.loss <= 0.02
    assert {s.operator for s in ended.sensitivities} == {"body/hidden/0", "body/hidden/3", "body/head"}
    worst, *others = ended.sensitivities
    assert worst.operator == "body/hidden/3"
    assert worst.loss > 0.2
    assert max(other.loss for other in others) < 0.02
    assert worst.mean_change > 10 * max(other.mean_change for other in others)


@pytest.mark.parametrize("method", METHODS)
def test_a_loss_that_nothing_meets_ends_at_float32_and_says_why(method: Method, tmp_path: Path) -> None:
    ended = walked(HOPELESS, method, tmp_path, max_loss=0)
    assert ended.model is None
    assert ended.excluded == [s.operator for s in ended.sensitivities]
    assert set(ended.excluded) == {"body/hidden/0", "body/hidden/3", "body/head"}
    assert min(s.loss for s in ended.sensitivities) > 0.1
    assert ended.judged is not None
    assert ended.reason == (
        f"the loss is {ended.judged.loss:.2g} in int8, and {ended.sensitivities[-1].loss:.2g} with just "
        f"{ended.excluded[-1]} in int8, where a loss of 0 is allowed"
    )
