import logging

import numpy as np
import onnxruntime as ort
import pytest

from compression import broken
from stillroom.runtime.session import CPU, open_session

MODEL = broken.right().SerializeToString()


def test_a_missing_provider_falls_to_the_next_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    declared = ["TensorrtExecutionProvider", "CUDAExecutionProvider", CPU]
    assert set(declared) - set(ort.get_available_providers()) == {*declared[:2]}

    with caplog.at_level(logging.INFO):
        sessions = [open_session(MODEL, declared) for _ in range(3)]

    for session in sessions:
        assert session.get_providers() == [CPU]
        np.testing.assert_array_equal(session.run(None, broken.FEEDS)[0], broken.EXPECTED)
    assert caplog.messages == [
        f"TensorrtExecutionProvider is not in this build of ONNX Runtime, {ort.__version__}; "
        f"CUDAExecutionProvider is not in this build of ONNX Runtime, {ort.__version__}; models run on {CPU}"
    ]


def test_the_cpu_answers_where_nothing_else_that_is_declared_is_there(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert open_session(MODEL, ["OpenVINOExecutionProvider"]).get_providers() == [CPU]
    assert len(caplog.messages) == 1


def test_a_provider_that_does_not_start_falls_to_the_next(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A build that has the provider's name and not its library: what a machine without its driver looks like.
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider", CPU])
    with caplog.at_level(logging.INFO):
        assert open_session(MODEL, ["CUDAExecutionProvider", CPU]).get_providers() == [CPU]
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("CUDAExecutionProvider did not start")


def test_the_declared_providers_that_are_there_log_nothing(caplog: pytest.LogCaptureFixture) -> None:
    declared = ort.get_available_providers()
    with caplog.at_level(logging.INFO):
        assert open_session(MODEL, declared).get_providers() == declared
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (["cuda", CPU], "'cuda' is no execution provider of ONNX Runtime; choose among TensorrtExecutionProvider, "),
        ([], "there is no execution provider of ONNX Runtime; choose among"),
    ],
)
def test_an_unknown_provider_is_refused_with_the_choices(declared: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        open_session(MODEL, declared)


def test_a_file_that_is_no_model_is_no_providers_fault(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), pytest.raises(Exception, match=r"(?i)protobuf"):
        open_session(b"no model", ort.get_available_providers())
    assert caplog.messages == []
