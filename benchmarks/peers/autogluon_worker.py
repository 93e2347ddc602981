"""AutoGluon's side, run by autogluon_distil.py in AutoGluon's own environment: it imports nothing of Stillroom.

`fit PLAN` fits and distils, and saves each student (and the ensemble that taught them) as for deployment.
`answer PLAN` loads what was saved and times predictions on request: JSON lines in, JSON lines out.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from autogluon.tabular import TabularPredictor

Plan = dict[str, Any]


def rows_of(plan: Plan, split: str) -> pd.DataFrame:
    """One part of the training table: the declared columns and the target."""
    table = pd.read_parquet(plan["table"], columns=[*plan["columns"], plan["target"], "split"])
    return table[table["split"] == split].drop(columns="split")


def fit(plan: Plan) -> None:
    """Fit, distil, clone each model for deployment; sizes go to `sizes.json`, test predictions beside it."""
    folder, train = Path(plan["folder"]), rows_of(plan, "train")
    if plan["rows"]:
        train = train.sample(plan["rows"], random_state=plan["seed"])
    predictor = TabularPredictor(
        plan["target"], problem_type="binary", eval_metric="roc_auc", path=str(folder / "predictor")
    )
    bagged = {"use_bag_holdout": True} if plan["presets"] != "medium_quality" else {}
    predictor.fit(
        train,
        tuning_data=rows_of(plan, "validation"),
        presets=plan["presets"],
        time_limit=plan["fit_seconds"],
        **bagged,
    )
    teacher = predictor.model_best
    students = predictor.distill(
        time_limit=plan["distil_seconds"], hyperparameters={name: {} for name in plan["students"]}
    )
    print(predictor.leaderboard().to_string())
    test, sizes = rows_of(plan, "test"), {}
    for name in [teacher, *students]:
        clone = predictor.clone_for_deployment(str(folder / "clones" / name), model=name, return_clone=True)
        np.save(folder / f"{name}.npy", clone.predict_proba(test, as_pandas=False, as_multiclass=False))
        sizes[name] = sum(f.stat().st_size for f in (folder / "clones" / name).rglob("*") if f.is_file())
    (folder / "sizes.json").write_text(json.dumps(sizes))


def answer(plan: Plan) -> None:
    """Say "ready", then for each request {model, rows, calls} answer the seconds of each call of predict_proba."""
    folder = Path(plan["folder"])
    names = json.loads((folder / "sizes.json").read_text())
    predictors = {name: TabularPredictor.load(str(folder / "clones" / name)) for name in names}
    for predictor in predictors.values():
        predictor.persist("all")
    test = rows_of(plan, "test").drop(columns=plan["target"])
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        predictor, rows, seconds = predictors[request["model"]], test.head(request["rows"]), []
        for _ in range(request["calls"]):
            start = time.perf_counter()
            predictor.predict_proba(rows, as_pandas=False, as_multiclass=False)
            seconds.append(time.perf_counter() - start)
        print(json.dumps(seconds[1:]), flush=True)  # the first call of a turn finds cold caches


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    {"fit": fit, "answer": answer}[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text()))
