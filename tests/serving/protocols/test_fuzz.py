"""Whatever a request to TensorFlow Serving's, Vertex AI's or SageMaker's routes holds, it is answered or refused."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving import onnx_models
from serving.protocols.rows import NAMES
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Model
from stillroom.serving.protocols.base import HttpRequest, Protocol
from stillroom.serving.protocols.sagemaker import SageMaker
from stillroom.serving.protocols.tensorflow_serving import TensorFlowServing
from stillroom.serving.protocols.vertex import Vertex
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version

CONFIG = ServiceConfig(batching="off", max_rows=8)
VERSION = Version.of("stillroom_t:v1", Model(onnx_models.multiclass()), CONFIG)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["b64", "hour", "x"]), inner),
    max_leaves=8,
)
INSTANCES = st.lists(st.dictionaries(st.sampled_from(NAMES), ANYTHING) | st.lists(ANYTHING, max_size=5) | ANYTHING)
INPUTS = st.dictionaries(st.sampled_from(NAMES), st.lists(ANYTHING, max_size=3) | ANYTHING) | ANYTHING
DOCUMENTS = ANYTHING | st.fixed_dictionaries(
    {},
    optional={"instances": INSTANCES | ANYTHING, "inputs": INPUTS, "signature_name": ANYTHING, "parameters": ANYTHING},
)
FIELDS = st.text(max_size=4) | SCALARS.map(str) | st.sampled_from([*NAMES, '"', "\r", "\0"])
LINES = st.lists(st.lists(FIELDS, max_size=5).map(",".join), max_size=9).map("\n".join)
BODIES = {
    "application/json": st.binary(max_size=40) | DOCUMENTS.map(lambda document: json.dumps(document).encode()),
    "text/csv": st.binary(max_size=40) | LINES.map(lambda text: text.encode("utf-8", "surrogatepass")),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("protocol", "media_type"),
    [
        (TensorFlowServing(), "application/json"),
        (Vertex(), "application/json"),
        (SageMaker(CONFIG), "application/json"),
        (SageMaker(CONFIG), "text/csv"),
    ],
)
@settings(max_examples=500, deadline=None)
@given(drawn=st.data(), accept=st.sampled_from(["*/*", "text/csv", "a;q=", ""]) | st.text(max_size=8))
def test_a_body_is_answered_or_refused(protocol: Protocol, media_type: str, drawn: Any, accept: str) -> None:
    body = drawn.draw(BODIES[media_type])
    headers = {b"content-type": media_type.encode(), b"accept": accept.encode("latin-1", "replace")}
    try:
        question = protocol.ask(HttpRequest(headers, body, {}), VERSION)
        (predictions,) = map(VERSION.model.predict, question.pieces)
        reply = protocol.answer(question, predictions, VERSION)
    except RefusedError as refused:
        reply = protocol.refuse(refused)

    assert reply.status in (200, 400, 406, 413, 422)
