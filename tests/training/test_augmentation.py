"""Augmentation of training rows, as declared for each kind of column."""

import pytest
import torch
from pydantic import ValidationError

from stillroom.table.encoding import encode
from stillroom.training.augmentation import Augmentation
from stillroom.training.fit import Rows, build_network, fit
from stillroom.training.settings import ModelConfig, Target, TrainerConfig
from table import pictures
from training import small

FLIP = {"_target_": "kornia.augmentation.RandomHorizontalFlip", "p": 1.0}


def test_the_declared_transforms_change_their_kind_alone() -> None:
    inputs = {
        "numeric": torch.ones(2, 3),
        "image": torch.arange(64, dtype=torch.uint8).view(1, 1, 8, 8).repeat(2, 1, 1, 1),
    }
    changed = Augmentation({"image": [Target.model_validate(FLIP)]})(inputs)
    torch.testing.assert_close(changed["image"], inputs["image"].flip(3).float())
    assert changed["numeric"] is inputs["numeric"]
    assert inputs["image"].dtype == torch.uint8


def test_training_sees_augmented_pictures_and_validation_the_real_ones(tmp_path) -> None:
    """Pictures that are turned to black while training teach nothing of the pictures."""
    table = pictures.frame(120)
    encoding = pictures.encoding(pictures.spec(), table)
    model = ModelConfig.model_validate({"network": {"_target_": "stillroom.models.cnn.Cnn", "widths": [4]}})
    black = {"_target_": "kornia.augmentation.RandomErasing", "p": 1.0, "scale": [1.0, 1.0], "ratio": [1.0, 1.0]}
    rows = Rows(table.lazy(), pictures.frame(60, seed=1).lazy(), encoding)
    figures = {}
    for name, declared in {"real": {}, "black": {"image": [black]}}.items():
        recipe = small.recipe(tmp_path / name, max_epochs=4, batch_size=16, augmentation=declared)
        figures[name] = max(
            e["validation_roc_auc"] for e in fit(build_network(model, encoding, 7), rows, recipe).history
        )
    assert figures["real"] > 0.99
    assert figures["black"] < figures["real"]
    assert encode(table.lazy(), encoding)["image"].max() > 100


@pytest.mark.parametrize(
    ("declared", "wrong"),
    [
        ({"pictures": [FLIP]}, "Input should be 'numeric', 'categorical' or 'image'"),
        ({"image": [{"_target_": "kornia.augmentation.NoSuchThing"}]}, "cannot be imported"),
        ({"image": [FLIP | {"probability": 1}]}, "takes no probability"),
    ],
)
def test_a_typo_in_an_augmentation_is_told(declared: dict, wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong):
        TrainerConfig.model_validate({"augmentation": declared})
