"""The record of one run: what each node used, and what that costs."""

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from stillroom.resources.cost import CostConfig
from stillroom.resources.recorder import Recorder, Use

Outcome = Literal["completed", "failed"]


class Resources(BaseModel):
    """Seconds of wall time, of CPU and of GPU, the most bytes of memory, and the cost in the declared currency."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wall_s: float
    cpu_s: float
    gpu_s: float
    peak_bytes: int
    cost: float


class NodeResources(Resources):
    """Those of one node; rows and bytes are of its datasets, None where that is not known of any of them."""

    name: str
    rows_in: int | None
    rows_out: int | None
    bytes_read: int | None
    bytes_written: int | None
    cost_per_million_rows: float | None


class RunResources(Resources):
    """Those of a run, from before its first node to after its last, and of each node in the order they began."""

    run_id: str
    began: dt.datetime
    pipelines: list[str]
    runner: str
    outcome: Outcome
    prices: CostConfig
    nodes: list[NodeResources]

    @property
    def dearest(self) -> list[NodeResources]:
        """All nodes, the dearest first; the longest among those that cost the same."""
        return sorted(self.nodes, key=lambda node: (-node.cost, -node.wall_s))


def reckon(
    recorder: Recorder,
    prices: CostConfig,
    *,
    run_id: str,
    pipelines: list[str],
    runner: str,
    outcome: Outcome,
) -> RunResources:
    """The record of what a closed recorder has seen."""
    used = _resources(recorder.run, prices)
    return RunResources(
        **used,
        run_id=run_id,
        began=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=used["wall_s"]),
        pipelines=pipelines,
        runner=runner,
        outcome=outcome,
        prices=prices,
        nodes=[_node(name, use, prices) for name, use in recorder.nodes.items()],
    )


def _node(name: str, use: Use, prices: CostConfig) -> NodeResources:
    used = _resources(use, prices)
    rows_out = _total(moved.rows for moved in use.written.values())
    return NodeResources(
        **used,
        name=name,
        rows_in=_total(moved.rows for moved in use.read.values()),
        rows_out=rows_out,
        bytes_read=_total(moved.bytes for moved in use.read.values()),
        bytes_written=_total(moved.bytes for moved in use.written.values()),
        cost_per_million_rows=used["cost"] / rows_out * 1e6 if rows_out else None,
    )


def _resources(use: Use, prices: CostConfig) -> dict[str, float]:
    return {
        "wall_s": use.ended - use.began,
        "cpu_s": use.cpu_s,
        "gpu_s": use.gpu_s,
        "peak_bytes": use.peak_bytes,
        "cost": prices.of(use.cpu_s, use.gpu_s),
    }


def _total(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
