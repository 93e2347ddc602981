"""Large requests, asked in the decoder's process by their protocols' own code."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from stillroom.serving.formats.decoder.decode import too_large
from stillroom.serving.formats.decoder.wire import Batch, Task
from stillroom.serving.pieces import together
from stillroom.serving.protocols.base import HttpRequest, Protocol
from stillroom.serving.protocols.native import Native
from stillroom.serving.protocols.open_inference.rest import OpenInference
from stillroom.serving.protocols.sagemaker import SageMaker
from stillroom.serving.protocols.tensorflow_serving import TensorFlowServing
from stillroom.serving.protocols.vertex import Vertex
from stillroom.serving.reader import Reader
from stillroom.serving.settings import ServiceConfig
from stillroom.table.signature import Signature


@dataclass(frozen=True)
class Described:
    """What a protocol must know of a version to read a request."""

    name: str
    number: str
    signature: Signature
    reader: Reader


def ask(task: Task, body: bytes) -> Iterator[Batch]:
    """The note of the question, then its pieces; raises RefusedError as the protocol does."""
    asked: Any = task.request
    protocol, version = _opened(task.reader, *asked["version"], asked["signature"], task.max_rows, asked["chunk_rows"])
    headers = {name.encode("latin-1"): value.encode("latin-1") for name, value in asked["headers"].items()}
    question = protocol.ask(HttpRequest(headers, body, asked["path"]), version)  # type: ignore[arg-type]
    yield Batch(orjson.dumps(question.note), b"")
    size = 0
    for piece in question.pieces:
        batch = Batch.of_piece(together([piece]))
        size += len(batch)
        if size > task.max_bytes:
            raise too_large(task.max_bytes)
        yield batch


@lru_cache(maxsize=8)
def _opened(
    label: str, name: str, number: str, signature: str, max_rows: int, chunk_rows: int
) -> tuple[Protocol, Described]:
    config = ServiceConfig(max_rows=max_rows, chunk_rows=chunk_rows)
    known: list[Protocol] = [Native(config), TensorFlowServing(), OpenInference(), SageMaker(config), Vertex()]
    read = Signature.model_validate_json(signature)
    protocol = next(each for each in known if each.label == label)
    return protocol, Described(name, number, read, Reader(read, max_rows, chunk_rows))
