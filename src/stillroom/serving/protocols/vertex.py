"""Vertex AI's contract with containers: it names port and routes in the variables AIP_*.

The predict route takes ``{"instances": [...], "parameters": ...}`` and answers ``{"predictions": [...]}``, one an
instance; the models have no parameters, so that they are read over. Outside Vertex AI there are no such routes.
Source: "Custom container requirements for inference" of Vertex AI.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, Field, ValidationError
from starlette.routing import BaseRoute, Route

from stillroom.serving.endpoint import Endpoint
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols.base import HttpRequest, Protocol, Question, Reply, json_reply
from stillroom.serving.protocols.health import health
from stillroom.serving.protocols.instances import parse_object, read_instances
from stillroom.serving.settings import ServiceConfig, SettingsError
from stillroom.serving.version import Version

PREFIX = "AIP_"
Path = Annotated[str, Field(pattern=r"^/[^{}]*$")]


class VertexConfig(BaseModel):
    """What Vertex AI asks of the container; all None elsewhere."""

    http_port: int | None = Field(default=None, gt=0, lt=65536)
    health_route: Path | None = None
    predict_route: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read AIP_HTTP_PORT, AIP_HEALTH_ROUTE and AIP_PREDICT_ROUTE; raises SettingsError naming the wrong one."""
        given = {name: environment.get(f"{PREFIX}{name}".upper()) or None for name in cls.model_fields}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            raise SettingsError(f"{PREFIX}{problem['loc'][0]}".upper() + f": {problem['msg']}") from error


class Vertex(Protocol):
    """Instances in, predictions out."""

    label = "vertex"

    def ask(self, request: HttpRequest, version: Version) -> Question:
        """The instances of a body."""
        return Question(read_instances(parse_object(request.body), version))

    def answer(self, question: Question, predictions: np.ndarray, version: Version) -> Reply:
        """A number an instance, or a probability of each class."""
        return json_reply({"predictions": predictions})


def routes(predictor: Predictor, config: ServiceConfig) -> list[BaseRoute]:
    """The routes that the environment names."""
    asked = VertexConfig.from_environment()
    found: list[BaseRoute] = []
    if asked.predict_route:
        found.append(Route(asked.predict_route, Endpoint(Vertex(), predictor, config)))
    if asked.health_route:
        found.append(Route(asked.health_route, health(predictor.versions)))
    return found
