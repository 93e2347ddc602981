"""Nodes of the release pipeline."""

from typing import Any

import numpy as np
import onnx
import orjson
import plotly.graph_objects as go
import polars as pl

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.champion import GateVerdict, first_champion, gate
from stillroom.compression.choose import BudgetError, Choice, choose, judge
from stillroom.compression.edge import EdgeFile, choose_edge, edge_card
from stillroom.compression.export import signature_of, with_signature
from stillroom.compression.measure import Measurements, measure
from stillroom.compression.pruning.trial import PruningTrials
from stillroom.compression.quantisation.trial import QuantisationTrials
from stillroom.compression.report import (
    Directions,
    Evidence,
    History,
    Request,
    candidate_table,
    learning_figure,
    pareto_figure,
    report_page,
    summary,
)
from stillroom.compression.settings import ReleaseConfig
from stillroom.compression.yardstick import yardsticks
from stillroom.datasets.bento import Release
from stillroom.datasets.champion import Champion
from stillroom.pipelines.columns import json_rows, raw_columns
from stillroom.serving.model import Model, as_columns
from stillroom.serving.parity import record
from stillroom.serving.protocols.native import answer
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.table.encoding import Encoding, encode, feeds
from stillroom.table.errors import InputError
from stillroom.table.metrics import MAIN_METRIC
from stillroom.table.spec import TableSpec
from stillroom.table.split import part
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.teachers.base import Teacher

PARTS = ("train", "validation", "test")


def train_yardstick(
    teacher: Teacher,
    training_table: pl.LazyFrame,
    encoding: Encoding,
    release: ReleaseConfig,
    budget: BudgetConfig,
    seed: int,
) -> dict[str, dict[str, float]]:
    """Measure the trivial prediction, LightGBM, and a teacher that is no candidate, on the test split."""
    parts = {name: part(training_table, name) for name in PARTS}
    return yardsticks(parts, encoding, release.yardstick, teacher, budget.batch_size, seed)


def measure_candidates(
    float_models: dict[str, onnx.ModelProto],
    int8_models: dict[str, onnx.ModelProto],
    training_table: pl.LazyFrame,
    encoding: Encoding,
    release: ReleaseConfig,
    budget: BudgetConfig,
) -> tuple[Measurements, dict[str, np.ndarray]]:
    """Measure every candidate on the test split; returns the figures and the predictions."""
    rows = part(training_table, "test").collect()
    target = encode(rows.lazy(), encoding)["target"]
    raw = feeds(rows, encoding)
    sources = {name: signature_of(model).source for name, model in int8_models.items()}
    measured, predictions = measure(
        float_models | int8_models, raw, target, encoding.target.task, sources, release.rounds, budget
    )
    return Measurements(candidates=measured), {**predictions, "target": target}


def choose_candidate(measurements: Measurements, table: TableSpec, budget: BudgetConfig) -> Choice:
    """Choose the candidate that the budget affords; where none fits, the error shows them all."""
    timed = {m.many.rows for m in measurements.candidates}
    if timed != {budget.batch_size}:
        raise InputError(
            f"budget.batch_size is {budget.batch_size}, but the candidates were timed with {timed.pop()} rows: "
            "run again from measure_candidates"
        )
    try:
        return choose(measurements.candidates, budget, table.task)
    except BudgetError as error:
        verdicts = judge(measurements.candidates, budget, table.task)
        error.add_note(candidate_table(measurements, verdicts, MAIN_METRIC[table.task], budget))
        raise


def figures_of_choice(measurements: Measurements, choice: Choice) -> dict[str, float]:
    """The chosen candidate's figures, as sweeps and the list of runs compare them."""
    chosen = measurements[choice.chosen]
    (verdict,) = (verdict for verdict in choice.verdicts if verdict.chosen)
    return chosen.metrics | {
        "size_kb": chosen.size_kb,
        "latency_us": chosen.single.median_us,
        "batch_latency_us": chosen.many.median_us,
        "cost_per_million": verdict.cost_per_million,
    }


def export_edge(
    float_models: dict[str, onnx.ModelProto],
    int8_models: dict[str, onnx.ModelProto],
    measurements: Measurements,
    training_table: pl.LazyFrame,
    table: TableSpec,
    release: ReleaseConfig,
) -> EdgeFile:
    """The candidate that the edge's budget affords, in ORT format, and its card with the first test row."""
    candidates = float_models | int8_models
    figures, file = choose_edge(candidates, measurements.candidates, release.edge, table.task)
    model = candidates[figures.name]
    (row,) = json_rows(part(training_table, "test").head(1).collect(), signature_of(model))
    example = orjson.loads(orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY))
    return EdgeFile(file, edge_card(model, figures, file, example))


def judge_challenger(
    choice: Choice,
    test_predictions: dict[str, np.ndarray],
    training_table: pl.LazyFrame,
    standing_model: Release | None,
    encoding: Encoding,
    release: ReleaseConfig,
) -> GateVerdict:
    """Hold the chosen candidate against the champion on the same test rows.

    A champion of another task, target or classes answers another question: the challenger takes its place.
    """
    task, asked = encoding.target.task, encoding.target
    if standing_model is None:
        return first_champion(task, "there is no champion yet")
    champion = Model(standing_model.onnx)
    known = champion.signature
    classes = asked.classes if task == "multiclass" else None
    if (known.task, known.target, known.classes) != (task, asked.name, classes):
        return first_champion(task, f"{standing_model.tag} answers another question: the table's target has changed")
    rows = part(training_table, "test").collect()
    standing = champion.predict(as_columns(known, raw_columns(rows, known)))
    target, challenger = test_predictions["target"], test_predictions[choice.chosen]
    return gate(task, target, challenger, standing, standing_model.tag, release.gate)


def sign_release(
    choice: Choice,
    float_models: dict[str, onnx.ModelProto],
    int8_models: dict[str, onnx.ModelProto],
    measurements: Measurements,
    gate_verdict: GateVerdict,
    training_table: pl.LazyFrame,
    table: TableSpec,
    budget: BudgetConfig,
    release: ReleaseConfig,
) -> Release:
    """The chosen model with its metrics, split and budget in its metadata, as a version for the model store."""
    model = (float_models | int8_models)[choice.chosen]
    figures = measurements[choice.chosen]
    signature = signature_of(model).model_copy(update={"metrics": figures.metrics, "budget": budget.model_dump()})
    known: dict[str, Any] = {
        **signature.model_dump(
            include={"table", "task", "target", "candidate", "spec_hash", "data_version", "git_commit"}
        ),
        "metrics": figures.metrics,
        "size_kb": figures.size_kb,
        "latency_us": figures.single.median_us,
        "promoted": gate_verdict.promoted,
        "split": table.split.model_dump(mode="json", exclude_none=True),
    }
    signed = with_signature(model, signature).SerializeToString()
    rows = json_rows(part(training_table, "test").head(release.parity_rows).collect(), signature)
    return Release(
        onnx=signed,
        metadata=known,
        labels={"table": signature.table, "candidate": signature.candidate},
        parity=record(Model(signed), rows) if rows else None,
    )


def promote(release_model: Release, gate_verdict: GateVerdict, standing_champion: Champion) -> Champion:
    """The challenger becomes champion, or the champion stays."""
    return standing_champion.succeeded_by(release_model.tag) if gate_verdict.promoted else standing_champion


def pack(champion: Champion) -> str | None:
    """The tag of the model that the Bento is built of."""
    return champion.tag


def report(
    quality: dict[str, Any],
    teacher: Teacher,
    student: Checkpoint,
    float_parity: dict[str, float],
    pruning_trials: PruningTrials,
    int8_trials: QuantisationTrials,
    yardsticks: dict[str, dict[str, float]],
    measurements: Measurements,
    test_predictions: dict[str, np.ndarray],
    choice: Choice,
    gate_verdict: GateVerdict,
    git_commit: str,
    table: TableSpec,
    budget: BudgetConfig,
    release: ReleaseConfig,
) -> str:
    """What the run found, as one page for people."""
    return report_page(
        Evidence(
            table=table,
            measurements=measurements,
            choice=choice,
            gate=gate_verdict,
            yardsticks=yardsticks,
            quality=quality,
            histories=_histories(teacher, student, pruning_trials),
            float_parity=float_parity,
            pruning=pruning_trials,
            int8_trials=int8_trials,
            predictions=test_predictions,
            budget=budget,
            gate_config=release.gate,
            git_commit=git_commit,
        )
    )


def draw_figures(
    measurements: Measurements,
    choice: Choice,
    teacher: Teacher,
    student: Checkpoint,
    pruning_trials: PruningTrials,
    budget: BudgetConfig,
) -> tuple[go.Figure, go.Figure]:
    """The candidates and the learning curves, for Kedro-Viz."""
    learned = learning_figure(_histories(teacher, student, pruning_trials))
    return pareto_figure(measurements, choice, budget), learned


def ask_champion(champion: Champion, champion_model: Release, bento: str, training_table: pl.LazyFrame) -> Request:
    """Ask the champion about the first test row as the service would be, so that the answer is the same."""
    model = Model(champion_model.onnx)
    rows = json_rows(part(training_table, "test").head(1).collect(), model.signature)
    body = orjson.dumps({"rows": rows}, option=orjson.OPT_SERIALIZE_NUMPY)
    version = Version.of(champion_model.tag, model, ServiceConfig())
    return Request(bento=bento, body=body.decode(), answer=answer(body, version).decode())


def tell(
    measurements: Measurements,
    choice: Choice,
    yardsticks: dict[str, dict[str, float]],
    pruning_trials: PruningTrials,
    int8_trials: QuantisationTrials,
    gate_verdict: GateVerdict,
    request: Request,
    directions: Directions,
    table: TableSpec,
    budget: BudgetConfig,
) -> str:
    """The lines the run ends with."""
    return summary(
        table=table.name,
        measurements=measurements,
        choice=choice,
        budget=budget,
        yardsticks=yardsticks,
        not_made=pruning_trials.not_made | int8_trials.not_made,
        gate=gate_verdict,
        request=request,
        directions=directions,
    )


def _histories(teacher: Teacher, student: Checkpoint, pruning_trials: PruningTrials) -> dict[str, History]:
    return {"teacher": teacher.history, "student": student.history, **pruning_trials.histories}
