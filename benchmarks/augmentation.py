"""FAST-DAD's synthetic rows: the student of a small table with them and without, over several seeds, in one run.

PYTHONPATH=src python benchmarks/augmentation.py

Each seed splits the table anew and trains everything on that split: the student from the labels alone, distilled from
out-of-fold labels, and distilled with synthetic rows beside the real ones, all by `experiment=small` and all with as
many steps, since synthetic rows make the epochs longer.
"""

import argparse
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from stillroom.compression.augmentation.settings import AugmentConfig
from stillroom.compression.augmentation.synthesise import synthesise
from stillroom.compression.distil import Teaching, learn, soft_labels, whole_labels
from stillroom.compression.folds import with_folds
from stillroom.config import GroupConfigLoader
from stillroom.datasets.bundled import BundledTableDataset
from stillroom.parameters import Parameters, check_parameters
from stillroom.table.encoding import encode, fit_encoding
from stillroom.table.metrics import HIGHER_IS_BETTER, score
from stillroom.table.split import part, with_split
from stillroom.training.fit import Recipe, Rows, build_network, predict
from stillroom.training.settings import OptimizerConfig
from stillroom.training.teachers.kinds import train

CONF = Path(__file__).parents[1] / "conf"
TABLES = ["wine", "diabetes", "breast_cancer"]
METRICS = {"multiclass": "log_loss", "regression": "rmse", "binary": "log_loss"}
WAYS = ["labels", "distilled", "with synthetic rows"]


def declared(table: str) -> Parameters:
    """What `kedro run --params table=...,experiment=small` declares."""
    chosen = {"table": table, "experiment": "small", "logger": None}
    loader = GroupConfigLoader(CONF, runtime_params=chosen, base_env="base", default_run_env="base")
    return check_parameters(loader["parameters"])


def students(parameters: Parameters, augment: AugmentConfig, seed: int, folder: str) -> Iterator[float]:
    """The test score of the student trained each way, on the split of this seed."""
    spec = parameters.table.model_copy(update={"split": parameters.table.split.model_copy(update={"seed": seed})})
    table = with_split(BundledTableDataset(name=spec.source).load(), spec).collect().lazy()
    rows = {name: part(table, name) for name in ("train", "validation", "test")}
    encoding = fit_encoding(rows["train"], spec, spec.columns, parameters.encoding.bins)

    compress, student = parameters.compress, parameters.compress.student
    trainer = parameters.trainer.model_copy(update={"progress": False, "checkpoint_dir": folder})
    optimizer = OptimizerConfig(optimizer=parameters.optimizer, scheduler=parameters.scheduler)
    recipe = Recipe("teacher", optimizer, trainer, seed)
    teaching = Teaching(rows["validation"], encoding, parameters.model, recipe, compress.out_of_fold)
    labels = soft_labels(with_folds(rows["train"], spec, compress.out_of_fold, seed), teaching).lazy()
    drawn = synthesise(encode(rows["train"], encoding), encode(rows["validation"], encoding), encoding, augment, seed)
    teacher = train(parameters.model, Rows(rows["train"], rows["validation"], encoding), recipe)
    synthetic = drawn.hstack(whole_labels(drawn.lazy(), teacher, rows["train"], teaching)).lazy()

    test, longer = encode(rows["test"], encoding), 1 + drawn.height / rows["train"].collect().height
    for weight, more in ((0.0, None), (student.soft_weight, None), (student.soft_weight, synthetic)):
        network, epochs = build_network(student, encoding, seed), student.max_epochs
        epochs = epochs if more is None else max(round(epochs / longer), 1)
        changed = {"max_epochs": epochs, "patience": epochs, "batch_size": student.batch_size}
        short = trainer.model_copy(update=changed)
        softly = Recipe("student", student, short, seed, None, weight, student.temperature)
        fitted = learn(network, rows["train"], labels, rows["validation"], encoding, softly, more)
        found = score(spec.task, test["target"], predict(fitted.network, test))
        yield found[METRICS[spec.task]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    for name, field in AugmentConfig.model_fields.items():
        parser.add_argument(f"--{name}", type=type(field.default), default=field.default)
    given = vars(parser.parse_args())
    seeds = given.pop("seeds")
    logging.disable(logging.WARNING)
    for table in TABLES:
        parameters = declared(table)
        metric = METRICS[parameters.table.task]
        print(f"\n{table}: test {metric}\n{'seed':>6}" + "".join(f"{way:>22}" for way in WAYS), flush=True)
        found = []
        for seed in range(seeds):
            with tempfile.TemporaryDirectory() as folder:
                found.append(list(students(parameters, AugmentConfig(**given), seed, folder)))
            print(f"{seed:6}" + "".join(f"{value:22.4f}" for value in found[-1]), flush=True)
        conclude(np.array(found), metric)


def conclude(found: np.ndarray, metric: str) -> None:
    """The means, and what synthetic rows gain over distilling without them: by how much, and in how many seeds."""
    sign = 1 if HIGHER_IS_BETTER.get(metric, False) else -1
    errors = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    print(f"{'mean':>6}" + "".join(f"{m:14.4f} ± {e:.4f}" for m, e in zip(found.mean(axis=0), errors, strict=True)))
    gains = sign * (found[:, 2] - found[:, 1])
    error, better = gains.std(ddof=1) / np.sqrt(len(gains)), f"{(gains > 0).sum()} of {len(gains)}"
    ratio = found[:, 2].mean() / found[:, 1].mean()
    print(f"synthetic rows gain {gains.mean():.4f} ± {error:.4f} (x {ratio:.3f}), better in {better}", flush=True)


if __name__ == "__main__":
    main()
