import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import polars as pl
import pytest

from browser.node import in_node
from stillroom.compression.edge import to_ort
from stillroom.compression.export import export
from stillroom.compression.gate import open_session, run
from stillroom.compression.quantisation.prepared import prepare
from stillroom.compression.quantisation.settings import Method, QuantiseConfig
from stillroom.table.encoding import feeds
from stillroom.table.signature import Signature
from stillroom.training.fit import build_network
from stillroom.training.settings import ModelConfig
from table import pictures
from training import small

# Missing values are in the table already; a room and a colour that were not there in training are put in here.
ROWS = small.table("binary", 300, seed=9).with_columns(
    colour=pl.when(pl.int_range(pl.len()) % 7 == 0).then(pl.lit("mauve")).otherwise("colour"),
    room=pl.when(pl.int_range(pl.len()) % 5 == 0).then(pl.lit(99)).otherwise("room"),
)
METHODS: list[Method] = ["dynamic", "static_qdq", "static_qoperator"]
PAGE = Path(__file__).parents[2] / "docs/browser"
COLUMNS = [*small.NUMERIC, *small.CATEGORICAL]


def student(task: str) -> onnx.ModelProto:
    encoding = small.encoding(task)
    network = build_network(small.model("mlp", widths=[64, 64]), encoding, seed=1)
    classes = encoding.target.classes if task == "multiclass" else None
    inputs = [c.input for c in encoding.columns]
    return export(
        network, encoding, Signature(table="small", task=task, target="target", classes=classes, inputs=inputs)
    )


def quantised(model: onnx.ModelProto, method: Method, folder: Path) -> onnx.ModelProto:
    calibration = feeds(small.table("binary", 300), small.encoding("binary"))
    (folder / method).mkdir()
    return prepare(model, method, QuantiseConfig(methods=METHODS), calibration, folder / method).quantise([])


def records(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON: the categorical room as text, as the service would spell it; flags as numbers."""
    spelled = frame.select(COLUMNS).with_columns(pl.col("room").cast(pl.String), pl.col("flag").cast(pl.Int8))
    return spelled.to_dicts()


def written(folder: Path, models: dict[str, onnx.ModelProto]) -> list[Path]:
    """Every model as an ONNX and as an ORT file."""
    files = {}
    for name, model in models.items():
        files |= {folder / f"{name}.onnx": model.SerializeToString(), folder / f"{name}.ort": to_ort(model)}
    for path, content in files.items():
        path.write_bytes(content)
    return list(files)


@pytest.mark.slow
def test_a_browser_gives_the_same_numbers_as_python_in_float_and_in_int8(tmp_path: Path) -> None:
    model = student("binary")
    models = {"float": model, **{method: quantised(model, method, tmp_path) for method in METHODS}}
    raw = feeds(ROWS, small.encoding("binary"))
    expected = {name: run(open_session(made), raw) for name, made in models.items()}
    files = written(tmp_path, models)

    found = in_node(files, records(ROWS))

    assert ROWS["height"].null_count() > 10
    assert ROWS["colour"].null_count() > 10
    assert min(np.unique(numbers.round(4)).size for numbers in expected.values()) > 100
    for path, answer in zip(files, found, strict=True):
        np.testing.assert_allclose(answer["predictions"], expected[path.stem], rtol=0, atol=1e-5, err_msg=path.name)
        assert answer["microseconds"] > 0


@pytest.mark.slow
def test_a_browser_gives_the_probabilities_of_all_classes(tmp_path: Path) -> None:
    model = student("multiclass")
    expected = run(open_session(model), feeds(ROWS, small.encoding("multiclass")))
    assert expected.shape == (300, 3)
    for found in in_node(written(tmp_path, {"student": model}), records(ROWS)):
        np.testing.assert_allclose(found["predictions"], expected, rtol=0, atol=1e-5)


@pytest.mark.slow
def test_a_browser_gives_the_same_numbers_for_pictures_of_another_size_and_missing_ones(tmp_path: Path) -> None:
    frame = pictures.frame(60, channels=3)
    encoding = pictures.encoding(pictures.spec(3, height=6, width=6, numeric=["number"]), frame)
    network = build_network(
        ModelConfig.model_validate({"network": {"_target_": "stillroom.models.cnn.Cnn", "widths": [8, 16]}}),
        encoding,
        1,
    )
    inputs = [c.input for c in encoding.columns]
    model = export(network, encoding, Signature(table="pictures", task="binary", target="bright", inputs=inputs))
    levels = pictures.levels(60, channels=3)
    levels[::7] = 0
    raw = {"number": frame["number"].to_numpy().astype(np.float32)[:, None], "picture": levels}
    quantised = prepare(model, "static_qdq", QuantiseConfig(methods=METHODS), raw, tmp_path).quantise([])
    models = {"float": model, "int8": quantised}
    expected = {name: run(open_session(made), raw) for name, made in models.items()}
    files = written(tmp_path, models)
    rows = [
        {"number": number, "picture": {"data": each.ravel().tolist(), "height": 8, "width": 8} if each.any() else None}
        for number, each in zip(frame["number"], levels, strict=True)
    ]

    found = in_node(files, rows[1:])

    for path, answer in zip(files, found, strict=True):
        np.testing.assert_allclose(answer["predictions"], expected[path.stem][1:], rtol=0, atol=1e-5, err_msg=path.name)
    assert np.unique(expected["float"].round(4)).size > 40
    assert sum(row["picture"] is None for row in rows) == 9


@pytest.mark.parametrize("script", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_every_script_of_the_page_can_be_read(script: Path) -> None:
    checked = subprocess.run(["node", "--check", str(script)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.slow
def test_the_columns_that_move_a_prediction_most_come_first(tmp_path: Path) -> None:
    model = student("binary")
    row = {"height": 1.5, "year": 2013, "flag": 1, "colour": "blue", "room": "4"}
    frame = pl.DataFrame([row] + [{**row, column: None} for column in COLUMNS], schema_overrides={"colour": pl.String})
    whole, *without = run(open_session(model), feeds(frame, small.encoding("binary"))).tolist()
    moved = dict(zip(COLUMNS, [abs(p - whole) for p in without], strict=True))

    found, _ = in_node(written(tmp_path, {"student": model}), [row])

    assert found["order"] == sorted(COLUMNS, key=lambda column: -moved[column])
