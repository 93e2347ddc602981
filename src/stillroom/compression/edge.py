"""The file for small devices and browsers: a candidate in ONNX Runtime's own format, which its smallest builds read."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import onnx
import onnxruntime
from pydantic import BaseModel, ConfigDict

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.choose import choose
from stillroom.compression.export import signature_of
from stillroom.compression.measure import Measured
from stillroom.integrity.digests import sha256
from stillroom.table.metrics import MAIN_METRIC
from stillroom.table.spec import Task


class EdgeCard(BaseModel):
    """What goes with an edge file: what it answers, its figures, a row to begin with, the words it knows by column."""

    model_config = ConfigDict(frozen=True)

    table: str
    task: Task
    target: str
    classes: list[str] | None
    candidate: str
    metric: str
    metrics: dict[str, float]
    size_kb: float
    sha256: str
    example: dict[str, Any]
    choices: dict[str, list[str]]


@dataclass(frozen=True)
class EdgeFile:
    """A model in ORT format, and its card."""

    model: bytes = field(repr=False)
    card: EdgeCard


def choose_edge(
    candidates: dict[str, onnx.ModelProto], measured: list[Measured], budget: BudgetConfig, task: Task
) -> tuple[Measured, bytes]:
    """The candidate that the edge's own budget affords, its size that of the edge file, and that file.

    Raises BudgetError where none fits.
    """
    files = {name: to_ort(model) for name, model in candidates.items()}
    sized = {m.name: m.model_copy(update={"size_kb": len(files[m.name]) / 1000}) for m in measured}
    chosen = choose(list(sized.values()), budget, task).chosen
    return sized[chosen], files[chosen]


def edge_card(model: onnx.ModelProto, figures: Measured, file: bytes, example: dict[str, Any]) -> EdgeCard:
    """The card of an edge file made from this model."""
    signature = signature_of(model)
    return EdgeCard(
        **signature.model_dump(include={"table", "task", "target", "classes", "candidate"}),
        metric=MAIN_METRIC[signature.task],
        metrics=figures.metrics,
        size_kb=figures.size_kb,
        sha256=sha256(file),
        example=example,
        choices=_choices(model),
    )


def to_ort(model: onnx.ModelProto) -> bytes:
    """A model in ORT format, optimised as far as all processors agree: what is beyond fits this machine's only."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.add_session_config_entry("session.save_model_format", "ORT")
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.ort"
        options.optimized_model_filepath = str(path)
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return path.read_bytes()


def _choices(model: onnx.ModelProto) -> dict[str, list[str]]:
    """The words that the graph itself knows, by input column."""
    encoders = [node for node in model.graph.node if node.op_type == "LabelEncoder"]
    keys = {node.input[0]: next(a.strings for a in node.attribute if a.name == "keys_strings") for node in encoders}
    return {column: sorted(word.decode() for word in words if word) for column, words in keys.items()}
