"""One row: the chosen student against LightGBM, from ready inputs and from one plain dict, in one run.

    python benchmarks/single_row.py [--params table=wine]       # after `kedro run`: half a minute

LightGBM is the run's yardstick, fitted anew on the same rows, on one thread. Ready inputs are one matrix for LightGBM,
ONNX Runtime's own bound values for the student. The dict holds the row's raw values by column, None where missing;
both go from it through plain NumPy, without pandas or Polars: LightGBM by one array with categories looked up as codes,
the student by one array of numbers and one of texts, cut into its columns, its preprocessing inside the graph.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnxruntime
import orjson
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from threadpoolctl import threadpool_limits

from stillroom.cli import split_params
from stillroom.compression.export import signature_of
from stillroom.compression.gate import open_session
from stillroom.compression.timing import latency, time_in_turns, time_models
from stillroom.pipelines.columns import json_rows
from stillroom.table.categorical import UNKNOWN
from stillroom.table.encoding import Encoding, encode, feeds
from stillroom.table.split import part
from stillroom.training.teachers.trees import TreesTeacher
from stillroom.training.trees import fit_trees

ROOT = Path(__file__).parents[1]
TURNS, CALLS = 50, 20
NAN = float("nan")
Row = dict[str, Any]


def main() -> None:
    """Fit, time in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--params", default="", help="what `kedro run --params` was given, such as table=wine")
    params = split_params(None, None, parser.parse_args().params)
    bootstrap_project(ROOT)
    with KedroSession.create(project_path=ROOT, runtime_params=params) as session:
        catalog = session.load_context().catalog
        table, encoding, choice = (catalog.load(name) for name in ("training_table", "encoding", "choice"))
        model = (catalog.load("float_models") | catalog.load("int8_models"))[choice.chosen]
        config, seed = catalog.load("params:release").yardstick, catalog.load("params:seed")
    train, validation = (encode(part(table, name), encoding) for name in ("train", "validation"))
    booster = fit_trees(train, validation, encoding, config, seed)

    frame, student = part(table, "test").head(1).collect(), open_session(model)
    plain: Row = orjson.loads(orjson.dumps(json_rows(frame, signature_of(model)), option=orjson.OPT_SERIALIZE_NUMPY))[0]
    trees, network = trees_of_dict(booster, encoding), student_of_dict(student, encoding)
    ready = TreesTeacher(booster).prepared(frame, encoding)
    np.testing.assert_allclose(trees(plain), ready(), rtol=1e-6)
    np.testing.assert_allclose(network(plain), student.run(None, feeds(frame, encoding))[0], rtol=1e-6)

    work = {
        "LightGBM, ready": ready,
        "LightGBM, dict": lambda: trees(plain),
        f"{choice.chosen}, dict": lambda: network(plain),
    }
    with threadpool_limits(1):
        found = {name: latency(timed, 1) for name, timed in time_in_turns(work, TURNS, CALLS).items()}
    found[f"{choice.chosen}, ready"] = time_models({"it": student}, feeds(frame, encoding), 1, TURNS, CALLS)["it"]
    for name, each in found.items():
        print(f"{name:36} {each.median_us:8.1f} µs  [{each.low_us:.1f}, {each.high_us:.1f}]")
    for start in ("ready", "dict"):
        ratio = found[f"LightGBM, {start}"].median_us / found[f"{choice.chosen}, {start}"].median_us
        print(f"from {'ready inputs' if start == 'ready' else 'a dict'}: the student is {ratio:.1f} times as fast")


def trees_of_dict(booster: lightgbm.Booster, encoding: Encoding) -> Callable[[Row], Any]:
    """LightGBM's prediction of a dict: its values in one array, categories as their codes."""
    numbers = [column.name for column in encoding.numeric]
    codes = {column.name: _codes(column.vocabulary, column.cardinality) for column in encoding.categorical}

    def predict(row: Row) -> Any:
        values = [NAN if (value := row[name]) is None else value for name in numbers]
        values += [known.get(row[name] or "", UNKNOWN) for name, known in codes.items()]
        return booster.predict(np.array([values], np.float32), num_threads=1)

    return predict


def _codes(vocabulary: list[str], cardinality: int) -> dict[str, int]:
    return {"": 0} | {text: cardinality - len(vocabulary) + i for i, text in enumerate(vocabulary)}


def student_of_dict(student: onnxruntime.InferenceSession, encoding: Encoding) -> Callable[[Row], Any]:
    """The student's prediction of a dict: an array of its numbers and one of its texts, cut into columns [1, 1]."""
    numbers = [column.name for column in encoding.numeric]
    texts = [column.name for column in encoding.categorical]

    def predict(row: Row) -> Any:
        values = np.array([NAN if (value := row[name]) is None else value for name in numbers], np.float32)
        words = np.array([row[name] or "" for name in texts], object)
        inputs = dict(zip(numbers, values.reshape(-1, 1, 1), strict=True))
        inputs.update(zip(texts, words.reshape(-1, 1, 1), strict=True))
        return student.run(None, inputs)[0]

    return predict


if __name__ == "__main__":
    main()
