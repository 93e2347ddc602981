"""Which packages a Bento asks for."""

from importlib.metadata import version
from pathlib import Path

import onnx
import pytest

from serving import onnx_models
from stillroom.datasets.packages import LEFT_OUT, locked, unneeded
from stillroom.table.inputs import ImageInput
from stillroom.table.signature import METADATA_KEY, Signature


def test_packages_are_locked_to_what_is_installed_with_all_they_need() -> None:
    lines = locked(["whylogs>=1.6", "orjson"])

    assert f"orjson=={version('orjson')}" in lines
    assert f"whylogs-sketching=={version('whylogs-sketching')}" in lines
    assert lines == sorted(set(lines))
    assert not [line for line in lines if line.startswith(("pandas", "pytest"))]


def test_a_package_that_is_left_out_takes_with_it_what_only_it_needs() -> None:
    names = {line.partition("==")[0].lower() for line in locked(["httpx", "rich"], without={"httpx"})}

    assert "rich" in names
    assert not names & {"httpx", "httpcore", "h11"}


@pytest.mark.parametrize(("signed", "also"), [(True, set()), (False, {"cryptography", "cffi", "pycparser"})])
def test_pillow_is_for_pictures_and_cryptography_for_signatures(tmp_path: Path, signed: bool, also: set[str]) -> None:
    (tmp_path / "model.onnx").write_bytes(onnx_models.binary())
    if signed:
        (tmp_path / "model.sig").write_text("{}")

    assert unneeded(tmp_path) == set(LEFT_OUT) | {"pillow"} | also


def test_a_model_that_takes_pictures_needs_pillow(tmp_path: Path) -> None:
    signature = Signature(
        table="t", task="binary", target="y", inputs=[ImageInput(name="picture", height=8, width=8, channels=1)]
    )
    model = onnx.load_from_string(onnx_models.binary())
    onnx.helper.set_model_props(model, {METADATA_KEY: signature.model_dump_json()})
    (tmp_path / "model.onnx").write_bytes(model.SerializeToString())

    assert "pillow" not in unneeded(tmp_path)


@pytest.mark.parametrize("content", [b"no ONNX file", b""])
def test_a_file_of_others_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.onnx").write_bytes(content)

    with pytest.raises(ValueError, match=r"model\.onnx is no ONNX file that Stillroom exported"):
        unneeded(tmp_path)
