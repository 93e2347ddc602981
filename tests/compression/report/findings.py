"""The findings of small made-up runs, one a task."""

from dataclasses import replace

import numpy as np

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.champion import GateConfig, first_champion, gate
from stillroom.compression.choose import choose
from stillroom.compression.measure import Measured, Measurements
from stillroom.compression.pruning.trial import Cost, PruningTrial, PruningTrials
from stillroom.compression.quantisation.trial import QuantisationTrial, QuantisationTrials, Reference, Sensitivity
from stillroom.compression.report import Evidence
from stillroom.compression.timing import Latency
from stillroom.table.metrics import MAIN_METRIC, score
from stillroom.table.spec import RandomSplit, TableSpec

ROWS = 400
# name -> noise of the predictions, size in kB, µs of one row
MADE = {"teacher": (0.3, 1000.0, 2000.0), "student": (0.4, 50.0, 30.0), "student_dynamic": (0.5, 20.0, 35.0)}
BUDGET = BudgetConfig(max_size_kb=250, max_latency_us=100)
WHOLE = {"head (<Linear>)": "its channels are the network's answers"}
COST = Cost(parameters=20_000, macs=18_000)
PRUNED = PruningTrial(
    name="pruned_50",
    of="student",
    ratio=0.5,
    before=COST,
    after=Cost(parameters=8_000, macs=4_500),
    left_whole=WHOLE,
    history=[{"epoch": 0.0, "train_loss": 0.5}, {"epoch": 1.0, "train_loss": 0.4}],
)
UNPRUNABLE = PruningTrial(
    name="pruned_90", of="student", ratio=0.9, before=COST, after=COST, left_whole=WHOLE, not_made="nothing can leave"
)


def evidence(task):
    """The teacher is best and too large, the student chosen, its int8 worse and slower; one int8 way failed."""
    target, predictions = answers(task)
    measured = Measurements(
        candidates=[
            Measured(
                name=name,
                size_kb=size,
                metrics=score(task, target, predictions[name]),
                source="student" if name == "student_dynamic" else None,
                single=latency(1, micros),
                many=latency(1000, 100 * micros),
            )
            for name, (_, size, micros) in MADE.items()
        ]
    )
    yardsticks = {
        "trivial": score(task, target, trivial(task)),
        "lightgbm": score(task, target, predictions["lightgbm"]),
    }
    metric = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}[task]
    history = [{"epoch": float(i), f"validation_{metric}": 0.7 - abs(i - 2) / 10, "train_loss": 0.6} for i in range(4)]
    return Evidence(
        table=TABLE.model_copy(update={"task": task}),
        measurements=measured,
        choice=choose(measured.candidates, BUDGET, task),
        gate=first_champion(task, "there is no champion yet"),
        yardsticks=yardsticks,
        quality=QUALITY,
        histories={"teacher": history, "student": history[:2]},
        float_parity={"teacher": 1e-7, "student": 2e-7},
        pruning=PruningTrials(trials=[PRUNED, UNPRUNABLE]),
        int8_trials=trials(MAIN_METRIC[task]),
        predictions={**predictions, "target": target},
        budget=BUDGET,
        gate_config=GateConfig(),
        git_commit="abc123",
    )


def trials(metric):
    """One way kept an operator in float, one failed, one ended at float32."""
    measured = [
        Sensitivity(operator="body/<first>", loss=0.2, largest_change=0.4, mean_change=0.1),
        Sensitivity(operator="body/head", loss=-0.001, largest_change=0.01, mean_change=0.001),
    ]
    begun = {"source": "student", "operators": ["body/<first>", "body/head"]}
    made = QuantisationTrial(
        **begun,
        name="student_dynamic",
        method="dynamic",
        outcome="made",
        score=0.7,
        loss=0.001,
        largest_difference=0.012,
        size_kb=20,
        excluded=["body/<first>"],
        sensitivities=measured,
    )
    failed = QuantisationTrial(
        name="student_static_qdq",
        source="student",
        method="static_qdq",
        outcome="failed",
        reason="the operator <X> is not known",
    )
    kept = QuantisationTrial(
        **begun,
        name="student_static_qoperator",
        method="static_qoperator",
        outcome="float32",
        reason="the loss is 0.2",
        score=0.5,
        loss=0.2,
        excluded=["body/<first>", "body/head"],
        sensitivities=measured,
    )
    return QuantisationTrials(
        metric=metric,
        max_loss=0.002,
        validation_rows=1900,
        references=[Reference(name="student", score=0.701, size_kb=50)],
        trials=[made, failed, kept],
    )


def latency(rows, micros):
    """With an interval of 5 % to both sides."""
    return Latency(rows=rows, median_us=micros, low_us=0.95 * micros, high_us=1.05 * micros, p99_us=2 * micros, runs=60)


def challenged(task, noise):
    """The same, where a champion stands whose predictions have that noise."""
    found = evidence(task)
    target, chosen = found.predictions["target"], found.predictions[found.choice.chosen]
    verdict = gate(task, target, chosen, predicted(task, target, noise, 9), "stillroom_small:old", GateConfig())
    return replace(found, gate=verdict)


def answers(task):
    """The target of every row, and what each model says of it."""
    rows = np.random.default_rng(1)
    target = {"binary": rows.integers(0, 2, ROWS), "multiclass": rows.integers(0, 3, ROWS)}.get(
        task, rows.normal(size=ROWS)
    )
    noises = {name: noise for name, (noise, _, _) in MADE.items()} | {"lightgbm": 0.35}
    return target.astype(float), {n: predicted(task, target, noise, i) for i, (n, noise) in enumerate(noises.items())}


def predicted(task, target, noise, seed):
    """What a model says whose error has that spread."""
    shape = (ROWS, 3) if task == "multiclass" else ROWS
    error = np.random.default_rng(seed).normal(scale=noise, size=shape)
    if task == "regression":
        return target + error
    if task == "binary":
        return 1 / (1 + np.exp(-4 * (target - 0.5 + error)))
    powers = np.exp(4 * (np.eye(3)[target.astype(int)] + error))
    return powers / powers.sum(axis=1, keepdims=True)


def trivial(task):
    """The same answer for every row."""
    return np.full((ROWS, 3), 1 / 3) if task == "multiclass" else np.full(ROWS, 0.5)


TABLE = TableSpec(
    name="small",
    source="small",
    task="binary",
    target="late",
    split=RandomSplit(kind="random", seed=1, validation=0.2, test=0.2),
    numeric=["width", "height", "depth"],
    categorical=["<colour>"],
)
QUALITY = {
    "rows": {"live": 10, "test": 400, "train": 1400, "validation": 190},
    "columns": {
        "width": {
            "kind": "numeric",
            "missing": 0.25,
            "distinct": 90,
            "hash": 1,
            "mean": 1.5,
            "std": 1.0,
            "min": 0.0,
            "max": 9.0,
        },
        "height": {
            "kind": "numeric",
            "missing": 0.0,
            "distinct": 90,
            "hash": 2,
            "mean": 1.5,
            "std": 1.0,
            "min": 0.0,
            "max": 9.0,
        },
        "depth": {
            "kind": "numeric",
            "missing": 0.0,
            "distinct": 90,
            "hash": 2,
            "mean": 1.5,
            "std": 1.0,
            "min": 0.0,
            "max": 9.0,
        },
        "<colour>": {"kind": "categorical", "missing": 0.0, "distinct": 1, "hash": 4},
    },
    "correlated": [{"columns": ["width", "height"], "correlation": -0.93}],
    "dropped": {"depth": "duplicate of height", "<colour>": "constant in the training split"},
    "fingerprint": "00ff",
}
