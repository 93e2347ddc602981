"""What may be declared of the loop, and the defaults."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from stillroom.table.spec import Declared


class CanaryConfig(Declared):
    """How a new version is tried on live requests.

    ``services`` are the base URLs of the service's replicas; where there are none, a new champion is not tried. It gets
    ``share`` of their requests until it and the version before it have answered ``requests`` each, and is rolled back
    where they have not within ``patience_seconds``. A request that fails is one answered by a 5xx.
    """

    services: tuple[str, ...] = ()
    share: float = Field(default=0.1, gt=0, lt=1)
    requests: int = Field(default=500, ge=1)
    patience_seconds: float = Field(default=3600, gt=0)
    poll_seconds: float = Field(default=5, gt=0)
    error_share: float = Field(default=0.01, ge=0, lt=1, description="more failed requests than the version before")
    latency_ratio: float = Field(default=2, ge=1, description="of the 95th percentiles")
    latency_ms: float = Field(default=10, ge=0, description="a 95th percentile below it is never too slow")
    prediction_psi: float = Field(default=0.5, gt=0, description="of the predictions of both, in nats")


class LoopConfig(Declared):
    """``state`` is the file that the loop keeps its place in, on a local disk that all runs of the loop share.

    ``live`` says what is watched: a `replay` of the table's live part, or what the catalog has of a service (`watch`).
    After an attempt to train a new model, whatever came of it, the next waits for ``new_days`` labelled days.
    """

    state: Path
    live: Literal["replay", "watch"] = "replay"
    new_days: int = Field(default=7, ge=1)
    canary: CanaryConfig = CanaryConfig()
