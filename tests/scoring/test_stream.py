"""Whole tables through the model, piece by piece: the service's numbers, in the table's order."""

from pathlib import Path
from threading import Barrier

import httpx
import numpy as np
import polars as pl
import pytest
from onnx import TensorProto, helper, numpy_helper

from scoring.tables import ROWS, many
from serving import onnx_models
from serving.loopback import app_of, loopback
from stillroom.scoring.scorer import Scorer
from stillroom.scoring.stream import score_stream
from stillroom.table.errors import InputError
from stillroom.table.inputs import ImageInput
from stillroom.table.inputs.pictures import png
from stillroom.table.signature import Signature

TAG = "stillroom_flights:v1"


def served(onnx: bytes, rows: pl.DataFrame) -> np.ndarray:
    """What the service answers over HTTP."""
    with loopback(app_of(onnx)) as address:
        columns = [name for name in rows.columns if name != "id"]
        records = rows.select(columns).with_columns(pl.col("distance").fill_nan(None)).to_dicts()
        answer = httpx.post(f"http://{address}/predict", json={"rows": records})
    assert answer.status_code == 200, answer.text
    return np.float32(answer.json()["predictions"])


def test_the_scores_are_the_service_s_answers() -> None:
    scores = score_stream(ROWS.lazy(), Scorer(onnx_models.binary(), TAG, ["id"])).collect()

    assert scores.columns == ["id", "prediction", "model"]
    assert scores["id"].to_list() == ROWS["id"].to_list()
    np.testing.assert_array_equal(scores["prediction"], served(onnx_models.binary(), ROWS))
    assert scores["model"].unique().to_list() == [TAG]


def test_an_input_may_be_kept_as_it_was() -> None:
    scores = score_stream(ROWS.lazy(), Scorer(onnx_models.binary(), TAG, ["hour", "carrier"])).collect()

    assert scores.select("hour", "carrier").equals(ROWS.select("hour", "carrier"))


def test_a_multiclass_model_has_a_column_for_each_class() -> None:
    scores = score_stream(ROWS.lazy(), Scorer(onnx_models.multiclass(), TAG)).collect()

    named = [f"prediction_{name}" for name in onnx_models.CLASSES]
    assert scores.schema == pl.Schema({**dict.fromkeys(named, pl.Float32()), "model": pl.String()})
    np.testing.assert_array_equal(scores.select(named), served(onnx_models.multiclass(), ROWS))


@pytest.mark.parametrize("batch_rows", [1, 7, 1000])
def test_pieces_of_any_size_come_out_in_order(tmp_path: Path, batch_rows: int) -> None:
    table = many(20_000)
    table.write_parquet(tmp_path / "table.parquet", row_group_size=1500)
    scorer = Scorer(onnx_models.binary(), TAG, ["id"], batch_rows)

    query = score_stream(pl.scan_parquet(tmp_path / "table.parquet"), scorer)
    query.sink_parquet(tmp_path / "scores.parquet")

    scores = pl.read_parquet(tmp_path / "scores.parquet")
    assert scores["id"].equals(table["id"])
    whole = Scorer(onnx_models.binary(), TAG, batch_rows=table.height)
    np.testing.assert_allclose(scores["prediction"], whole.predict(table.select(whole.ready(table.schema))), atol=1e-7)


def test_several_pieces_are_scored_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two pieces meet in the scorer: each waits for the other."""
    many(400_000).write_parquet(tmp_path / "table.parquet", row_group_size=100_000)
    scorer = Scorer(onnx_models.binary(), TAG)
    score, first_two, met = scorer.score, iter(range(2)), Barrier(2, timeout=60)
    monkeypatch.setattr(
        scorer, "score", lambda ready: (next(first_two, None) is not None and met.wait(), score(ready))[1]
    )

    query = score_stream(pl.scan_parquet(tmp_path / "table.parquet"), scorer)

    assert query.collect(engine="streaming").height == 400_000


@pytest.mark.parametrize("model", [onnx_models.binary, onnx_models.multiclass])
def test_a_table_without_rows_has_scores_without_rows(model) -> None:
    scorer = Scorer(model(), TAG, ["id"])

    scores = score_stream(ROWS.head(0).lazy(), scorer).collect()

    assert scores.schema == scorer.schema(ROWS.schema)
    assert scores.height == 0


def refusal(table: pl.DataFrame, keep: tuple[str, ...] = ()) -> str:
    with pytest.raises(InputError) as refused:
        score_stream(table.lazy(), Scorer(onnx_models.binary(), TAG, keep))
    return str(refused.value)


def test_columns_that_are_not_there_are_named_before_the_first_row() -> None:
    assert refusal(ROWS.drop("hour", "origin"), ("when",)) == (
        "to_score has no when, hour, origin: the model takes distance, hour, carrier, origin; give every one of them a "
        "column, empty where nothing is known"
    )


def test_columns_of_a_wrong_type_are_named_with_it() -> None:
    wrong = ROWS.with_columns(hour=pl.lit("seven"), origin=pl.lit([1, 2]))

    assert refusal(wrong) == (
        "to_score does not fit the model: hour: its type is String, no number; origin: its type is List(Int64), no "
        "single value: take it apart first"
    )


@pytest.mark.parametrize("name", ["model", "prediction"])
def test_a_kept_column_cannot_have_the_name_of_a_score(name: str) -> None:
    assert refusal(ROWS.rename({"id": name}), (name,)) == (
        f"score.keep: the scores have a {name} of their own; rename the column in to_score"
    )


def pictures() -> bytes:
    """A model that answers the mean level of a picture of 2 x 2 pixels."""
    signature = Signature(
        table="digits",
        task="regression",
        target="level",
        inputs=[ImageInput(name="picture", height=2, width=2, channels=1)],
    )
    nodes = [
        helper.make_node("Cast", ["picture"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["levels", "axes"], ["prediction"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("picture", TensorProto.UINT8, ["batch", 2, 2, 1])],
        [helper.make_tensor_value_info("prediction", TensorProto.FLOAT, ["batch"])],
        [numpy_helper.from_array(np.array([1, 2, 3]), "axes")],
    )
    return onnx_models._finished(graph, signature).SerializeToString()


def test_pictures_are_decoded_batch_by_batch() -> None:
    encoded = [png(np.full((2, 2), level, np.uint8)) for level in (0, 10, 250)]
    table = pl.LazyFrame({"picture": [*encoded, None]})

    scores = score_stream(table, Scorer(pictures(), TAG, batch_rows=3)).collect()

    assert scores["prediction"].to_list() == [0, 10, 250, 0]


def test_a_picture_that_cannot_be_decoded_is_named_by_what_is_kept_of_its_row() -> None:
    encoded = png(np.zeros((2, 2), np.uint8))
    table = pl.LazyFrame({"id": ["a", "b", "c"], "picture": [encoded, encoded, b"no picture"]})

    with pytest.raises(InputError, match="to_score: column picture of the row with id c: no picture that can be decod"):
        score_stream(table, Scorer(pictures(), TAG, ["id"], batch_rows=2)).collect()
