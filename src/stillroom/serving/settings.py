"""The service's settings: defaults here, each overridden by an environment variable."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from stillroom.runtime.session import CPU, known_providers

PREFIX = "STILLROOM_SERVING_"


def _listed(text: Any) -> Any:
    return [part.strip() for part in text.split(",")] if isinstance(text, str) else text


Providers = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(known_providers)]


class SettingsError(Exception):
    """A variable is unknown or wrong. No ValueError, which BentoML would take for a bad tag and hide."""


class ServiceConfig(BaseModel):
    """Limits, threads and profiles of one service.

    Every field is set by the variable of its upper-case name behind ``STILLROOM_SERVING_``, such as
    ``STILLROOM_SERVING_MAX_ROWS=500``: the one way that works alike on a laptop, in a container and in a cluster.

    A request of more than ``chunk_rows`` rows is answered in pieces, between which others get their turn.
    ``workers`` are processes, ``threads`` those of one model call: throughput comes from workers, and a second thread
    makes a small model slower. ``providers`` are ONNX Runtime's execution providers, the preferred first, such as
    ``CUDAExecutionProvider,CPUExecutionProvider``; one that the machine lacks falls to the next.

    ``batching`` gathers the requests that come while the model is busy into one call of at most ``batch_rows`` rows;
    `auto` does so where a measurement at the start shows that it pays off. With ``batch_wait_us`` a call waits so long
    for more, unless the request is alone. More than ``max_waiting`` requests at a time, and those whose turn does not
    come within ``deadline_seconds``, get a 503 with `Retry-After`. ``timeout_seconds`` bounds the reading of a body.

    ``trace`` turns OpenTelemetry on, which costs more than the model. ``profile_dir`` None means that no profiles are
    written; it is an absolute path, since BentoML serves from the Bento's own directory. ``public_key`` is the absolute
    path of a PEM file: with it, the service starts only if its model is signed with the private half of that key.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_body_bytes: int = Field(default=8 * 2**20, gt=0)
    max_rows: int = Field(default=10_000, gt=0)
    workers: int = Field(default=1, gt=0)
    threads: int = Field(default=1, gt=0)
    providers: Providers = (CPU,)
    chunk_rows: int = Field(default=256, gt=0)
    batching: Literal["auto", "on", "off"] = "auto"
    batch_rows: int = Field(default=64, gt=0)
    batch_wait_us: int = Field(default=0, ge=0)
    max_waiting: int = Field(default=256, gt=0)
    deadline_seconds: float = Field(default=1.0, gt=0)
    timeout_seconds: float = Field(default=10.0, gt=0)
    trace: bool = False
    public_key: Path | None = None
    profile_dir: Path | None = None
    profile_every_rows: int = Field(default=10_000, gt=0)
    profile_every_seconds: float = Field(default=60.0, gt=0)
    profile_queue_rows: int = Field(default=100_000, gt=0)

    @field_validator("public_key", "profile_dir")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        if path and not path.is_absolute():
            raise ValueError(f"{path} is not an absolute path")
        return path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the variables; raises SettingsError naming the variable that is unknown or wrong."""
        given = {
            name.removeprefix(PREFIX).lower(): text for name, text in environment.items() if name.startswith(PREFIX)
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            name = f"{PREFIX}{problem['loc'][0]}".upper()
            known = ", ".join(f"{PREFIX}{field}".upper() for field in cls.model_fields)
            raise SettingsError(f"{name}: {problem['msg']}; the settings are {known}") from error
