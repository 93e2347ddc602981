"""What the native protocol reads out of a body, for the tests."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from stillroom.serving.pieces import together
from stillroom.serving.protocols.base import HttpRequest
from stillroom.serving.protocols.native import Native
from stillroom.serving.reader import Reader
from stillroom.serving.settings import ServiceConfig
from stillroom.table.signature import Signature


def read(body: bytes, signature: Signature, max_rows: int, chunk_rows: int = 256) -> dict[str, np.ndarray]:
    """The model's inputs, all pieces together."""
    version: Any = SimpleNamespace(reader=Reader(signature, max_rows, chunk_rows))
    pieces = list(Native(ServiceConfig()).ask(HttpRequest({}, body, {}), version).pieces)
    return together([together([piece]) for piece in pieces])
