"""What the Bento is built with, and what its native API takes and answers."""

from typing import Any, Self

import bentoml
from pydantic import BaseModel
from starlette.requests import Request


class Arguments(BaseModel):
    """What a Bento is built with.

    ``model`` is the tag of its model in BentoML's model store, ``sha256`` that of its file, and ``signed`` says that
    the service must not start without verifying its signature.
    """

    model: str
    sha256: str | None = None
    signed: bool = False


class Rows(bentoml.IODescriptor):
    """The input of the native API: the request itself, so that the hot path's own decoder reads the body."""

    rows: list[dict[str, Any]]

    @classmethod
    async def from_http_request(cls, request: Request, serde: Any) -> Self:
        """Hand the request over unread."""
        return cls.model_construct(rows=request)


class Predictions(bentoml.IODescriptor):
    """The output of the native API; multiclass models answer a list for each row, and their classes."""

    predictions: list[Any]
    model: str
    classes: list[str] | None = None
