"""Nodes of the compress pipeline."""

from typing import Any

import onnx
import polars as pl

from stillroom.compression.distil import Teaching, learn, soft_labels
from stillroom.compression.export import export
from stillroom.compression.folds import with_folds
from stillroom.compression.gate import check_export
from stillroom.compression.prune import prune
from stillroom.compression.quantise import quantise_all
from stillroom.compression.settings import CompressConfig
from stillroom.models.network import TableNetwork
from stillroom.table.encoding import Encoding, encode, feeds, with_odd_values
from stillroom.table.signature import Signature
from stillroom.table.spec import TableSpec
from stillroom.table.split import part
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.fit import Recipe, build_network, predict
from stillroom.training.settings import ModelConfig, OptimizerConfig, Target, TrainerConfig


def label_out_of_fold(
    training_table: pl.LazyFrame,
    encoding: Encoding,
    table: TableSpec,
    model: ModelConfig,
    optimizer: Target,
    scheduler: Target | None,
    trainer: TrainerConfig,
    compress: CompressConfig,
    seed: int,
) -> pl.DataFrame:
    """Label each training row by teachers that have not seen it."""
    recipe = Recipe("fold", OptimizerConfig(optimizer=optimizer, scheduler=scheduler), trainer, seed)
    teaching = Teaching(part(training_table, "validation"), encoding, model, recipe, compress.out_of_fold)
    return soft_labels(with_folds(part(training_table, "train"), table, compress.out_of_fold, seed), teaching)


def distil_student(
    training_table: pl.LazyFrame,
    soft_targets: pl.LazyFrame,
    encoding: Encoding,
    trainer: TrainerConfig,
    compress: CompressConfig,
    logger: Target | None,
    seed: int,
) -> Checkpoint:
    """Distil the teachers into the student."""
    student = compress.student
    recipe = Recipe(
        "student", student, _shorter(trainer, student.max_epochs, compress), seed, logger, student.soft_weight
    )
    rows = part(training_table, "train"), soft_targets, part(training_table, "validation")
    return Checkpoint.of(learn(build_network(student, encoding, seed), *rows, encoding, recipe), student)


def prune_student(
    student: Checkpoint,
    training_table: pl.LazyFrame,
    soft_targets: pl.LazyFrame,
    encoding: Encoding,
    trainer: TrainerConfig,
    compress: CompressConfig,
    logger: Target | None,
    seed: int,
) -> dict[str, TableNetwork]:
    """Prune the student at each declared ratio, and train each on against the teachers."""
    rows = part(training_table, "train"), soft_targets, part(training_table, "validation")
    config, pruned = compress.prune, {}
    for ratio in config.ratios:
        name = f"pruned_{round(ratio * 100)}"
        smaller = prune(student.network(encoding), encoding, ratio, config.round_to)
        trained = _shorter(trainer, config.max_epochs, compress)
        recipe = Recipe(name, config, trained, seed, logger, compress.student.soft_weight)
        pruned[name] = learn(smaller, *rows, encoding, recipe).network
    return pruned


def export_candidates(
    teacher: Checkpoint,
    student: Checkpoint,
    pruned: dict[str, TableNetwork],
    parity_rows: pl.DataFrame,
    encoding: Encoding,
    table: TableSpec,
    quality: dict[str, Any],
    git_commit: str,
    compress: CompressConfig,
) -> tuple[dict[str, onnx.ModelProto], dict[str, float]]:
    """Export teacher, student and pruned students, each through the gate; returns them and their parity with torch."""
    networks = {"teacher": teacher.network(encoding), "student": student.network(encoding), **pruned}
    raw = feeds(parity_rows, encoding)
    encoded = encode(parity_rows.lazy(), encoding)
    models, parity = {}, {}
    tolerance = (
        compress.parity_tolerance * encoding.target.scale
    )  # 1 but for a regression, whose scale is the spread of its target
    for name, network in networks.items():
        models[name] = export(network, encoding, _signature(name, encoding, table, quality, git_commit))
        parity[name] = check_export(name, models[name], raw, predict(network, encoded), tolerance)
    return models, parity


def pick_parity_rows(training_table: pl.LazyFrame, encoding: Encoding, compress: CompressConfig) -> pl.DataFrame:
    """Real test rows, some values made missing or unseen, on which every export is compared with torch."""
    rows = part(training_table, "test").head(compress.parity_rows).collect()
    return with_odd_values(rows, encoding)


def quantise_candidates(
    float_models: dict[str, onnx.ModelProto],
    training_table: pl.LazyFrame,
    parity_rows: pl.DataFrame,
    encoding: Encoding,
    compress: CompressConfig,
    seed: int,
) -> tuple[dict[str, onnx.ModelProto], dict[str, float | str]]:
    """Quantise the students in each declared way; returns the int8 models, and each way's difference or failure."""
    config = compress.quantise
    train = part(training_table, "train").collect()
    calibration = train.sample(min(config.calibration_rows, train.height), seed=seed)
    students = {name: model for name, model in float_models.items() if name != "teacher"}
    return quantise_all(students, config.methods, feeds(calibration, encoding), feeds(parity_rows, encoding))


def _shorter(trainer: TrainerConfig, max_epochs: int, compress: CompressConfig) -> TrainerConfig:
    student = compress.student
    changed = {"max_epochs": max_epochs, "batch_size": student.batch_size, "patience": student.patience}
    return trainer.model_copy(update=changed)


def _signature(name: str, encoding: Encoding, table: TableSpec, quality: dict[str, Any], git_commit: str) -> Signature:
    return Signature(
        table=table.name,
        task=table.task,
        target=table.target,
        classes=encoding.target.classes if table.task == "multiclass" else None,
        inputs=[c.input for c in encoding.columns],
        spec_hash=table.fingerprint,
        data_version=quality["fingerprint"],
        git_commit=git_commit,
        candidate=name,
    )
