from pathlib import Path

import numpy as np

from stillroom.datasets.teacher import TeacherDataset
from stillroom.table.encoding import encode
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.fit import build_network, fit, predict
from training import small


def test_a_trained_network_comes_back_from_its_file_with_the_same_predictions(tmp_path: Path) -> None:
    data, declared = small.rows("multiclass"), small.model("tabm")
    fitted = fit(build_network(declared, data.encoding, seed=7), data, small.recipe(tmp_path / "fit", max_epochs=1))
    kept = TeacherDataset(filepath=str(tmp_path / "student.zip"))

    kept.save(Checkpoint.of(fitted, declared))
    loaded = kept.load()

    held_out = encode(data.validation, data.encoding)
    np.testing.assert_array_equal(predict(loaded.network(data.encoding), held_out), predict(fitted.network, held_out))
    assert loaded.model == declared
    assert loaded.history == fitted.history
