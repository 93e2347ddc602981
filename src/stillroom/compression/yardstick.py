"""What every candidate is held against: a trivial prediction, LightGBM on the same columns and split, the teacher."""

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from stillroom.compression.timing import FEWEST_TURNS, latency, time_in_turns
from stillroom.table.encoding import Encoding, encode
from stillroom.table.metrics import score
from stillroom.training.teachers.base import Teacher
from stillroom.training.teachers.trees import TreesTeacher
from stillroom.training.trees import TreesConfig, fit_trees

SINGLE_TURNS, SINGLE_CALLS, BATCH_CALLS = 20, 10, 2


def yardsticks(
    parts: dict[str, pl.LazyFrame],
    encoding: Encoding,
    config: TreesConfig,
    teacher: Teacher,
    batch_size: int,
    seed: int,
) -> dict[str, dict[str, float]]:
    """The test metrics of `trivial` (the training mean or class shares for every row), `lightgbm`, and `teacher`.

    The latter two with `size_kb` of what is kept of them and the median `single_us` and `batch_us` of their own
    predict in Python, inputs ready, on one thread. A teacher that is a network is a candidate and not here.
    """
    train, validation, test = (encode(parts[name], encoding) for name in ("train", "validation", "test"))
    trivial = _trivial(train["target"], len(test["target"]), encoding)
    held = {"lightgbm": TreesTeacher(fit_trees(train, validation, encoding, config, seed))}
    others: dict[str, Teacher] = {**held, **({"teacher": teacher} if teacher.network(encoding) is None else {})}
    rows = parts["test"].collect()
    return {
        "trivial": score(encoding.target.task, test["target"], trivial),
        **{name: _measured(other, rows, test["target"], encoding, batch_size) for name, other in others.items()},
    }


def _measured(
    teacher: Teacher, rows: pl.DataFrame, target: np.ndarray, encoding: Encoding, batch_size: int
) -> dict[str, float]:
    """Quality, size and latency of a model in its own library."""
    single, batch = (teacher.prepared(rows[np.resize(np.arange(rows.height), n)], encoding) for n in (1, batch_size))
    with threadpool_limits(1):
        one = time_in_turns({"one": single}, SINGLE_TURNS, SINGLE_CALLS)["one"]
        many = time_in_turns({"many": batch}, FEWEST_TURNS, BATCH_CALLS)["many"]
    return {
        **score(encoding.target.task, target, teacher.predict(rows.lazy(), encoding)),
        "size_kb": sum(map(len, teacher.files().values())) / 1000,
        "single_us": latency(one, 1).median_us,
        "batch_us": latency(many, batch_size).median_us,
    }


def _trivial(target: np.ndarray, rows: int, encoding: Encoding) -> np.ndarray:
    if encoding.target.task != "multiclass":
        return np.full(rows, target.mean())
    shares = np.bincount(target.astype(int), minlength=encoding.target.outputs) / len(target)
    return np.tile(shares, (rows, 1))
