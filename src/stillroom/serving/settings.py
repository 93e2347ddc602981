"""The service's settings: defaults here, each overridden by an environment variable."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from stillroom.runtime.session import CPU, Optimization, Tuning, known_providers

PREFIX = "STILLROOM_SERVING_"


def _listed(text: Any) -> Any:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Providers = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(known_providers)]


class SettingsError(Exception):
    """A variable is unknown or wrong. No ValueError, which BentoML would take for a bad tag and hide."""


class ServiceConfig(BaseModel):
    """Limits, threads and profiles of one service.

    Every field is set by the variable of its upper-case name behind ``STILLROOM_SERVING_``, such as
    ``STILLROOM_SERVING_MAX_ROWS=500``: the one way that works alike on a laptop, in a container and in a cluster.

    ``max_rows`` are those of one request in JSON or CSV, ``max_batch_rows`` those of one in Arrow IPC or Parquet, whose
    columns may take ``max_batch_bytes`` once they are decompressed. A request of more than ``chunk_rows`` rows is
    answered in pieces, between which others get their turn; a body of more than ``decode_apart_bytes`` is parsed in
    another process for the same reason. ``workers`` are processes, ``threads`` those of one model call: throughput
    comes from workers, and a second thread makes a small model slower. ``providers`` are ONNX Runtime's execution
    providers, the preferred first, such as ``CUDAExecutionProvider,CPUExecutionProvider``; one that the machine lacks
    falls to the next. ``graph_optimization``, ``memory_arena``, ``memory_pattern`` and ``spinning`` are ONNX Runtime's,
    and ``gc_freeze`` keeps Python's garbage collector from what lives as long as the service: their defaults are chosen
    by benchmarks/serving_options.py.

    ``batching`` gathers the requests that come while the model is busy into one call of at most ``batch_rows`` rows;
    `auto` does so where a measurement at the start shows that it pays off. With ``batch_wait_us`` a call waits so long
    for more, unless the request is alone. More than ``max_waiting`` requests at a time, and those whose turn does not
    come within ``deadline_seconds`` of the last byte of their body, get a 503 with `Retry-After`. ``timeout_seconds``
    bounds the reading of a body, and what is left of a request when the service ends. Before that, from SIGTERM on,
    readiness is false for ``drain_seconds`` while requests are answered as ever.

    ``trace`` turns OpenTelemetry on, which costs more than the model. ``drift_file`` is the absolute
    path of the series that the monitor pipeline writes, for `/metrics` to show. ``public_key`` is the absolute
    path of a PEM file: with it, the service starts only if its model is signed with the private half of that key.

    ``profile_dir`` is where whylogs profiles go, a file every ``profile_every_rows`` rows or ``profile_every_seconds``:
    an absolute path or any fsspec URL, such as `s3://bucket/profiles`, whose filesystem must be installed; None means
    that none are written. Rows are left out, and counted, where more than ``profile_queue_rows`` wait to be folded.
    Texts that the model does not know are kept as hashes, which whoever can guess a text can recognise.
    ``profile_private`` are columns of which counts alone are kept, no value; ``profile_left_out`` those of which
    nothing is. ``profile_ids_share`` is the share, 0 to 1, of the rows whose identifiers, given in the header
    `X-Row-Ids`, are kept as hashes beside their predictions, so that labels find them: keyed by ``profile_ids_key``,
    without which none are kept.
    ``profile_journal_dir`` outlives a service that is killed, so that the next can tell how many rows were lost; None
    is ``profile_dir`` where that is a path, else the machine's temporary directory.

    ``versions`` are further versions of the model to hold, by the second halves of their tags; the version ``canary``
    gets ``canary_share``, 0 to 1, of the requests that ask for none. The admin routes change both in a running service,
    for who has the ``admin_token``; without one they are closed. What they changed is kept in ``state_dir``, which all
    workers of a service must see: None is a directory that lasts as long as the service. A version that is loaded must
    repeat the predictions on record to ``parity_tolerance`` of the largest of them.

    With ``grpc_port`` the Open Inference Protocol is answered over gRPC too, on this port of ``grpc_host``, which the
    workers share; None means that there is no gRPC server.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    max_body_bytes: int = Field(default=8 * 2**20, gt=0)
    decode_apart_bytes: int = Field(default=128 * 2**10, gt=0)
    max_rows: int = Field(default=10_000, gt=0)
    max_batch_rows: int = Field(default=100_000, gt=0)
    max_batch_bytes: int = Field(default=64 * 2**20, gt=0)
    workers: int = Field(default=1, gt=0)
    threads: int = Field(default=1, gt=0)
    providers: Providers = (CPU,)
    graph_optimization: Optimization = "all"
    memory_arena: bool = True
    memory_pattern: bool = True
    spinning: bool = True
    gc_freeze: bool = True
    chunk_rows: int = Field(default=256, gt=0)
    batching: Literal["auto", "on", "off"] = "auto"
    batch_rows: int = Field(default=64, gt=0)
    batch_wait_us: int = Field(default=0, ge=0)
    max_waiting: int = Field(default=256, gt=0)
    deadline_seconds: float = Field(default=1.0, gt=0)
    timeout_seconds: float = Field(default=10.0, gt=0)
    drain_seconds: float = Field(default=3.0, ge=0)
    trace: bool = False
    public_key: Path | None = None
    profile_dir: str | None = None
    profile_every_rows: int = Field(default=10_000, gt=0)
    profile_every_seconds: float = Field(default=60.0, gt=0)
    profile_queue_rows: int = Field(default=100_000, gt=0)
    profile_private: Listed = ()
    profile_left_out: Listed = ()
    profile_ids_share: float = Field(default=0.0, ge=0, le=1)
    profile_ids_key: SecretStr | None = Field(default=None, min_length=16, validate_default=True)
    profile_journal_dir: Path | None = None
    drift_file: Path | None = None
    versions: Listed = ()
    canary: str | None = None
    canary_share: float = Field(default=0.0, ge=0, le=1, validate_default=True)
    admin_token: SecretStr | None = Field(default=None, min_length=16)
    state_dir: Path | None = None
    parity_tolerance: float = Field(default=0.01, gt=0)
    grpc_port: int | None = Field(default=None, gt=0, lt=2**16)
    grpc_host: str = "0.0.0.0"

    @property
    def tuning(self) -> Tuning:
        """ONNX Runtime's options."""
        return Tuning(self.graph_optimization, self.memory_arena, self.memory_pattern, self.spinning)

    @field_validator("canary_share")
    @classmethod
    def _whole(cls, share: float, others: ValidationInfo) -> float:
        if bool(share) != bool(others.data.get("canary")):
            raise ValueError("a canary and its share, above 0 and up to 1, must be named together")
        return share

    @field_validator("profile_ids_key")
    @classmethod
    def _kept_by_a_key(cls, key: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        if key is None and others.data.get("profile_ids_share"):
            raise ValueError("identifiers are kept as hashes, which need a key of 16 signs or more; give one")
        return key

    @field_validator("profile_dir")
    @classmethod
    def _path_or_url(cls, place: str | None) -> str | None:
        if place and "://" not in place and not Path(place).is_absolute():
            raise ValueError(f"{place} is neither an absolute path nor a URL")
        return place

    @field_validator("public_key", "profile_journal_dir", "drift_file", "state_dir")
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
