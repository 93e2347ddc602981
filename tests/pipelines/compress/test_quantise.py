"""The node that quantises: which rows it calibrates and judges on, and which candidates it takes."""

from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest
import torch

from compression.quantisation.networks import with_an_outlier
from pipelines import small_run
from stillroom.compression.budget import BudgetConfig
from stillroom.compression.export import export
from stillroom.compression.gate import open_session
from stillroom.compression.measure import predict
from stillroom.compression.quantisation.trial import QuantisationTrials
from stillroom.pipelines.compress import nodes
from stillroom.table.encoding import feeds
from stillroom.table.signature import Signature
from stillroom.training.fit import build_network
from training import small

from .test_compress import compress

ENCODING = small_run.encoding("binary")


@pytest.fixture(scope="module")
def network() -> onnx.ModelProto:
    inputs = [column.input for column in ENCODING.columns]
    signature = Signature(table="small", task="binary", target="target", inputs=inputs)
    return export(build_network(small.model(widths=[64, 64]), ENCODING, seed=7), ENCODING, signature)


def quantised(
    network: onnx.ModelProto, table: pl.LazyFrame | None = None, budget_loss: float | None = None, **changes: Any
) -> tuple[dict[str, onnx.ModelProto], QuantisationTrials]:
    declared = {"methods": ["static_qdq"], "calibration_rows": 100, "max_loss": None} | changes
    config = compress(quantise=declared)
    usual = small_run.training_table("binary")
    parity_rows = nodes.pick_parity_rows(usual, ENCODING, config)
    models = {"teacher": network, "student": network}
    budget = BudgetConfig(max_quality_loss=budget_loss)
    rows = usual if table is None else table
    return nodes.quantise_candidates(models, rows, parity_rows, ENCODING, config, budget, 1)


def test_calibration_sees_training_rows_only(network: onnx.ModelProto) -> None:
    table = small_run.training_table("binary")
    held_out = pl.col("split") != "train"
    other = table.with_columns(height=pl.when(held_out).then(pl.lit(1e6)).otherwise(pl.col("height")))
    trained = table.with_columns(height=pl.lit(0.0))

    made = [quantised(network, rows)[0]["student_static_qdq"] for rows in (table, other, trained)]

    scales = [{t.name: t.SerializeToString() for t in model.graph.initializer} for model in made]
    assert scales[0] == scales[1]
    assert scales[0] != scales[2]


def test_the_loss_is_measured_on_validation_rows_only(network: onnx.ModelProto) -> None:
    table = small_run.training_table("binary")
    swapped = table.with_columns(
        target=pl.when(pl.col("split") == "validation").then(1 - pl.col("target")).otherwise(pl.col("target"))
    )
    live = table.with_columns(
        target=pl.when(pl.col("split") != "validation").then(1 - pl.col("target")).otherwise(pl.col("target"))
    )
    usual, turned, same = (quantised(network, rows)[1].references[0].score for rows in (table, swapped, live))
    assert turned == pytest.approx(1 - usual)
    assert same == usual
    assert quantised(network, validation_rows=30)[1].validation_rows == 30


@pytest.mark.parametrize(("candidates", "sources"), [("students", ["student"]), ("all", ["teacher", "student"])])
def test_the_teacher_is_quantised_where_that_is_declared(
    network: onnx.ModelProto, candidates: str, sources: list[str]
) -> None:
    made, found = quantised(network, candidates=candidates)
    assert list(made) == [f"{source}_static_qdq" for source in sources]
    assert [reference.name for reference in found.references] == sources


@pytest.mark.parametrize(
    ("max_loss", "budget_loss", "allowed"),
    [(0.002, 0.0005, 0.0005), (0.002, 0.01, 0.002), (None, 0.01, 0.01), (0.002, None, 0.002), (None, None, None)],
)
def test_the_stricter_of_both_limits_on_the_loss_holds(
    network: onnx.ModelProto, max_loss: float | None, budget_loss: float | None, allowed: float | None
) -> None:
    assert quantised(network, max_loss=max_loss, budget_loss=budget_loss)[1].max_loss == allowed


def test_a_budget_that_allows_little_loss_keeps_the_operator_in_float_that_any_other_would_not() -> None:
    body = build_network(small.model(widths=[64, 64]), ENCODING, seed=7)
    with torch.no_grad():
        with_an_outlier(body)
    inputs = [column.input for column in ENCODING.columns]
    model = export(body, ENCODING, Signature(table="small", task="binary", target="target", inputs=inputs))
    # The rows are labelled by the network itself, so that whatever int8 changes is a loss.
    usual = small_run.training_table("binary").collect()
    answers = predict(open_session(model), feeds(usual, ENCODING))
    table = usual.with_columns(target=pl.Series(answers > np.median(answers)).cast(usual["target"].dtype)).lazy()

    free, strict = (quantised(model, table, budget_loss=limit)[1].trials[0] for limit in (None, 0.02))

    assert (free.outcome, free.excluded) == ("made", [])
    assert free.loss is not None
    assert free.loss > 0.1
    assert (strict.outcome, strict.excluded) == ("made", ["body/hidden/3"])
    assert strict.loss is not None
    assert strict.loss <= 0.02
