import numpy as np
import onnx
import polars as pl
import pytest
import torch

from stillroom.compression.export import export, signature_of
from stillroom.compression.gate import check_export, open_session, run
from stillroom.models.network import TableNetwork
from stillroom.serving.model import Model, as_columns
from stillroom.table.encoding import Encoding, encode, feeds, fit_encoding, with_odd_values
from stillroom.table.signature import Signature
from stillroom.training.fit import build_network, predict
from training import small


def signature(encoding: Encoding) -> Signature:
    return Signature(
        table="small",
        task=encoding.target.task,
        target="target",
        classes=encoding.target.classes if encoding.target.task == "multiclass" else None,
        inputs=[c.input for c in encoding.columns],
        candidate="student",
        metrics={"accuracy": 0.5},
        budget={"max_size_kb": None, "optimise": "quality"},
    )


def exported(name: str, encoding: Encoding) -> tuple[TableNetwork, onnx.ModelProto]:
    network = build_network(small.model(name), encoding, seed=3)
    # Larger than drawn, so that a wrong input shows.
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(2)
    return network, export(network, encoding, signature(encoding))


def odd_rows(frame: pl.DataFrame, encoding: Encoding) -> pl.DataFrame:
    return with_odd_values(frame, encoding, every=7)


EVERY = [("mlp", task) for task in small.TASKS]
EVERY += [("tabm", "multiclass"), ("ft_transformer", "regression"), ("own", "binary")]


@pytest.mark.parametrize(("name", "task"), EVERY)
def test_every_network_exports_to_the_same_predictions_on_missing_and_unseen_values(name: str, task: str) -> None:
    encoding = small.encoding(task)
    network, model = exported(name, encoding)
    rows = odd_rows(small.table(task, 2000, seed=5), encoding)
    expected = predict(network, encode(rows.lazy(), encoding))

    difference = check_export(name, model, feeds(rows, encoding), expected, 1e-4 * encoding.target.scale)

    assert difference <= 1e-4 * encoding.target.scale
    assert np.std(expected) > 1e-3 * encoding.target.scale
    assert {node.domain for node in model.graph.node} == {"", "ai.onnx.ml"}
    assert {opset.domain for opset in model.opset_import} == {"", "ai.onnx.ml"}


def test_the_graph_has_no_isnan_on_which_openvinos_execution_provider_fails() -> None:
    _, model = exported("mlp", small.encoding("binary"))
    operators = [node.op_type for node in model.graph.node]
    assert "IsNaN" not in operators
    assert {"Equal", "Not"} <= set(operators)


def test_the_inputs_are_the_raw_columns_by_name_and_the_output_is_the_prediction() -> None:
    _, model = exported("mlp", small.encoding("multiclass"))
    kinds = {i.name: i.type.tensor_type for i in model.graph.input}
    assert list(kinds) == ["height", "year", "flag", "colour", "room"]
    assert [k.elem_type for k in kinds.values()] == [onnx.TensorProto.FLOAT] * 3 + [onnx.TensorProto.STRING] * 2
    for kind in kinds.values():
        assert [d.dim_param or d.dim_value for d in kind.shape.dim] == ["batch", 1]
    (output,) = model.graph.output
    assert output.name == "prediction"
    assert [d.dim_param or d.dim_value for d in output.type.tensor_type.shape.dim] == ["batch", 3]


ONE_KIND = [(name, *columns) for name in small.NETWORKS for columns in ((small.NUMERIC, []), ([], small.CATEGORICAL))]
ONE_KIND += [("mlp", ["year"], []), ("mlp", [], ["room"]), ("mlp", ["year"], ["room"])]


@pytest.mark.parametrize(("name", "numeric", "categorical"), ONE_KIND)
def test_tables_of_one_kind_of_column_export(name: str, numeric: list[str], categorical: list[str]) -> None:
    encoding = small.encoding("binary", numeric, categorical)
    network, model = exported(name, encoding)
    rows = odd_rows(small.table("binary", 50), encoding)
    expected = predict(network, encode(rows.lazy(), encoding))
    assert check_export(name, model, feeds(rows, encoding), expected, 1e-4) <= 1e-4
    assert Model(model.SerializeToString()).signature.columns == [*numeric, *categorical]


def test_columns_may_have_odd_names_and_those_of_values_that_exporters_like() -> None:
    frame = small.table("binary", 200)
    numbers = ["batch", "a b/c", "größe ☃", "height.1", "Gemm", "node_cat", "front.mean", "linear", "input"]
    texts = ["cat", "codes", "colour: of it", "body.embed.table.weight"]
    for name in numbers:
        frame = frame.with_columns(pl.col("year").alias(name))
    for name in texts:
        frame = frame.with_columns(pl.col("colour").alias(name))
    declared = small.spec("binary", numeric=numbers, categorical=texts)
    encoding = fit_encoding(frame.lazy(), declared, declared.columns, bins=4)
    network, model = exported("mlp", encoding)
    expected = predict(network, encode(frame.lazy(), encoding))
    assert check_export("odd", model, feeds(frame, encoding), expected, 1e-4) <= 1e-4


def test_a_column_called_like_a_value_of_the_graph_is_refused() -> None:
    frame = small.table("binary", 50).rename({"year": "stillroom_categorical/0"})
    declared = small.spec("binary", numeric=["height", "stillroom_categorical/0"])
    encoding = fit_encoding(frame.lazy(), declared, declared.columns, bins=4)
    with pytest.raises(ValueError, match="columns stillroom_categorical/0: the graph has values of that name"):
        exported("mlp", encoding)


def test_the_signature_travels_in_the_file() -> None:
    encoding = small.encoding("multiclass")
    _, model = exported("mlp", encoding)
    loaded = onnx.load_model_from_string(model.SerializeToString())
    assert signature_of(loaded) == signature(encoding)
    assert signature_of(loaded).classes == ["low", "middle", "top"]


def test_what_is_served_is_what_was_trained() -> None:
    encoding = small.encoding("regression")
    network, model = exported("tabm", encoding)
    rows = small.table("regression", 100, seed=9)
    served = Model(model.SerializeToString())
    columns = as_columns(served.signature, {c: rows[c].to_numpy() for c in rows.columns})
    np.testing.assert_allclose(
        served.predict(columns), predict(network, encode(rows.lazy(), encoding)), atol=1e-4 * encoding.target.scale
    )


def test_the_file_holds_no_path_of_this_machine() -> None:
    _, model = exported("mlp", small.encoding("binary"))
    assert b"/stillroom/" not in model.SerializeToString()
    assert b".py" not in model.SerializeToString()


def test_one_row_and_many_rows_agree() -> None:
    encoding = small.encoding("binary")
    _, model = exported("ft_transformer", encoding)
    session, raw = open_session(model), feeds(small.table("binary", 30), encoding)
    together = run(session, raw)
    alone = [run(session, {c: v[i : i + 1] for c, v in raw.items()})[0] for i in range(30)]
    np.testing.assert_allclose(alone, together, atol=1e-5)
