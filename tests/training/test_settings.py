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


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"nodes": 2}, "2 nodes need a rendezvous: host:port"),
        ({"nodes": 2, "rendezvous": "first"}, "should match pattern"),
        ({"strategy": "fsdp"}, "strategy fsdp shards over several ranks, and 1 device of 1 node is one"),
        ({"sync_batch_norm": True}, "sync_batch_norm is of GPUs alone"),
        ({"precision": "16-mixed"}, "precision 16-mixed is of GPUs"),
        ({"precision": "16-mixed", "accelerator": "gpu", "strategy": "fsdp", "devices": 2}, "choose bf16-mixed"),
        ({"accumulate": 0}, "greater than 0"),
    ],
)
def test_a_trainer_whose_parts_do_not_fit_together_is_refused(declared: dict, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        TrainerConfig.model_validate(declared)


def test_a_trainer_of_several_hosts_on_one_of_them_is_of_its_devices() -> None:
    several = TrainerConfig(nodes=3, devices=2, rendezvous="first:29400")
    assert (several.ranks, several.on_one_host().ranks) == (6, 2)
