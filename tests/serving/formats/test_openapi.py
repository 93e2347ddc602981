from serving import onnx_models
from serving.formats.asking import CONFIG, version
from stillroom.serving.formats.known import known_formats
from stillroom.serving.openapi import operation


def test_every_known_format_is_described_and_no_other() -> None:
    described = operation(version(onnx_models.binary()).signature, "t:v1", 10, "predict")

    assert list(described["requestBody"]["content"]) == list(known_formats(CONFIG))
    assert list(described["responses"][200]["content"]) == list(known_formats(CONFIG))


def test_json_bodies_are_rows_or_columns() -> None:
    described = operation(version(onnx_models.binary()).signature, "t:v1", 10, "predict")

    rows, columns = described["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert rows["required"] == ["rows"]
    assert list(columns["properties"]["columns"]["properties"]) == ["distance", "hour", "carrier", "origin"]
