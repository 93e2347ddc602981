from collections import Counter

import pytest

from serving import onnx_models
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Model
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions

LOADED = {
    number: Version.of(f"stillroom_t:{number}", Model(onnx), ServiceConfig())
    for number, onnx in (("v1", onnx_models.binary()), ("v2", onnx_models.regression()))
}


@pytest.fixture
def versions() -> Versions:
    return Versions(LOADED["v1"])


def test_who_asks_for_no_version_gets_the_default_and_who_pins_one_gets_that(versions: Versions) -> None:
    versions.serve(LOADED, "v2")

    assert versions.pick().number == "v2"
    assert versions.pick("v1").number == "v1"
    assert {version.number for version in versions.loaded} == {"v1", "v2"}


def test_the_canary_gets_its_share_of_those_who_ask_for_none(versions: Versions) -> None:
    versions.serve(LOADED, "v1", "v2", 0.25)

    picked = Counter(versions.pick().number for _ in range(20_000))

    assert picked["v2"] == pytest.approx(5_000, abs=5 * (20_000 * 0.25 * 0.75) ** 0.5)
    assert {versions.pick("v1").number for _ in range(100)} == {"v1"}


@pytest.mark.parametrize(("share", "answering"), [(0.0, "v1"), (1.0, "v2")])
def test_a_share_of_nothing_or_all_has_no_exception(versions: Versions, share: float, answering: str) -> None:
    versions.serve(LOADED, "v1", "v2", share)

    assert {versions.pick().number for _ in range(5_000)} == {answering}


def test_a_version_that_is_not_loaded_is_refused_with_those_that_are(versions: Versions) -> None:
    versions.serve(LOADED, "v1")

    with pytest.raises(RefusedError, match=r"^version v3 is not loaded; loaded are: v1, v2$") as refused:
        versions.pick("v3")

    assert refused.value.status == 404


def test_versions_that_were_handed_out_outlive_a_change(versions: Versions) -> None:
    before = versions.pick()

    versions.serve({"v2": LOADED["v2"]}, "v2")

    assert (before.number, versions.pick().number) == ("v1", "v2")
