from pathlib import Path

from serving import onnx_models
from stillroom.runtime.vocabularies import vocabularies


def test_the_categories_of_every_column_are_read_off_the_file(tmp_path: Path) -> None:
    content = onnx_models.binary()
    (tmp_path / "model.onnx").write_bytes(content)
    expected = {name: frozenset(["", *known]) for name, known in onnx_models.CATEGORICAL.items()}
    assert vocabularies(content) == vocabularies(tmp_path / "model.onnx") == expected
    assert vocabularies(onnx_models.regression()) == {}
