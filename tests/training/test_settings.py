import pytest
from pydantic import ValidationError

from stillroom.training.settings import ModelConfig, NetworkConfig, TrainerConfig
from training import small


def test_a_users_own_class_is_one_line() -> None:
    built = small.model("own").network
    assert built.path == "training.own.Own"
    assert built.model_extra == {"size": 8}


def test_an_argument_that_the_class_does_not_take_is_refused_with_those_it_does() -> None:
    with pytest.raises(ValidationError, match=r"Mlp takes no width; the choices are features, outputs, widths"):
        small.model("mlp", width=3)


def test_a_class_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"_target_ 'stillroom.models.Nothing' cannot be imported"):
        NetworkConfig.model_validate({"network": {"_target_": "stillroom.models.Nothing"}})


@pytest.mark.parametrize("wrong", [{"devices": 0}, {"max_epochs": 0}, {"precision": "8-bit"}, {"epochs": 3}])
def test_a_wrong_trainer_is_refused(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        TrainerConfig.model_validate(wrong)


@pytest.mark.parametrize(
    ("declared", "found"),
    [({}, "none of them"), ({"trees": {}, "onnx": "a.onnx"}, "trees and onnx"), ({"trees": None}, "none of them")],
)
def test_a_teacher_is_of_one_kind(declared: dict, found: str) -> None:
    with pytest.raises(ValidationError, match=rf"one of network, trees, estimator, onnx, ensemble; found {found}"):
        ModelConfig.model_validate(declared)


def test_an_ensemble_of_teachers_knows_the_files_in_it() -> None:
    declared = ModelConfig.model_validate({"ensemble": [{"trees": {}}, {"ensemble": [{"onnx": "a.onnx"}]}]})
    assert (declared.kind, declared.files) == ("ensemble", ["a.onnx"])
