"""Nodes of the compress pipeline."""

from typing import Any

import onnx
import polars as pl
import torch

from stillroom.compression.augmentation.synthesise import synthesise
from stillroom.compression.budget import BudgetConfig
from stillroom.compression.distil import Teaching, learn, soft_labels, whole_labels
from stillroom.compression.export import export
from stillroom.compression.folds import ROW, with_folds
from stillroom.compression.gate import check_export
from stillroom.compression.pruning.loss import loss_on
from stillroom.compression.pruning.members import prune_members
from stillroom.compression.pruning.sweep import Sweep
from stillroom.compression.pruning.trial import PruningTrials
from stillroom.compression.quantisation.candidates import QuantisationRows, quantise_all
from stillroom.compression.quantisation.trial import QuantisationTrials
from stillroom.compression.settings import CompressConfig
from stillroom.models.network import TableNetwork, example_inputs
from stillroom.table.encoding import Encoding, encode, feeds, with_odd_values
from stillroom.table.signature import Signature
from stillroom.table.spec import TableSpec
from stillroom.table.split import part
from stillroom.training.checkpoint import Checkpoint
from stillroom.training.fit import Fitted, Recipe, build_network, predict
from stillroom.training.settings import ModelConfig, OptimizerConfig, Target, TrainerConfig
from stillroom.training.teachers.base import Teacher

EXAMPLE_ROWS = 4  # run through a network to follow its layers


def label_out_of_fold(
    teacher: Teacher,
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
    """Label each training row by teachers that have not seen it; without folds, by those that have."""
    recipe = Recipe("fold", OptimizerConfig(optimizer=optimizer, scheduler=scheduler), trainer.on_one_host(), seed)
    teaching = Teaching(part(training_table, "validation"), encoding, model, recipe, compress.out_of_fold)
    train = part(training_table, "train")
    if compress.out_of_fold.folds == 1:
        return whole_labels(train, teacher, train, teaching).with_row_index(ROW)
    return soft_labels(with_folds(train, table, compress.out_of_fold, seed), teaching)


def augment_transfer_set(
    teacher: Teacher,
    training_table: pl.LazyFrame,
    encoding: Encoding,
    model: ModelConfig,
    optimizer: Target,
    scheduler: Target | None,
    trainer: TrainerConfig,
    compress: CompressConfig,
    seed: int,
) -> pl.DataFrame:
    """Synthetic rows with the teachers' labels, where augmentation is declared; else none."""
    if compress.augment is None:
        return pl.DataFrame()
    train, validation = part(training_table, "train"), part(training_table, "validation")
    recipe = Recipe("whole", OptimizerConfig(optimizer=optimizer, scheduler=scheduler), trainer.on_one_host(), seed)
    teaching = Teaching(validation, encoding, model, recipe, compress.out_of_fold)
    drawn = synthesise(encode(train, encoding), encode(validation, encoding), encoding, compress.augment, seed)
    return drawn.hstack(whole_labels(drawn.lazy(), teacher, train, teaching))


def distil_student(
    training_table: pl.LazyFrame,
    soft_targets: pl.LazyFrame,
    synthetic_rows: pl.LazyFrame,
    encoding: Encoding,
    trainer: TrainerConfig,
    compress: CompressConfig,
    logger: Target | None,
    seed: int,
) -> Checkpoint:
    """Distil the teachers into the student."""
    student = compress.student
    recipe = _student_recipe("student", student, student.max_epochs, trainer, compress, logger, seed)
    rows = part(training_table, "train"), soft_targets, part(training_table, "validation")
    network, more = build_network(student, encoding, seed), _declared(synthetic_rows, compress)
    return Checkpoint.of(learn(network, *rows, encoding, recipe, more), student)


def prune_student(
    teacher: Teacher,
    student: Checkpoint,
    training_table: pl.LazyFrame,
    soft_targets: pl.LazyFrame,
    synthetic_rows: pl.LazyFrame,
    encoding: Encoding,
    trainer: TrainerConfig,
    compress: CompressConfig,
    logger: Target | None,
    seed: int,
) -> tuple[dict[str, TableNetwork], PruningTrials]:
    """Prune the student to each declared ratio, trained on against the teachers, and ensembles to their best members.

    Returns the candidates, and a record of every attempt.
    """
    train, validation = part(training_table, "train"), part(training_table, "validation")
    config, inputs = compress.prune, example_inputs(encoding, EXAMPLE_ROWS)
    torch.manual_seed(seed)

    def fine_tune(network: TableNetwork, stage: str, epochs: int) -> Fitted:
        recipe = _student_recipe(stage, config, epochs, trainer, compress, logger, seed)
        return learn(network, train, soft_targets, validation, encoding, recipe, _declared(synthetic_rows, compress))

    def loss(network: TableNetwork) -> torch.Tensor:
        rows = train.collect()
        sample = rows.sample(min(config.importance_rows, rows.height), seed=seed)
        return loss_on(network, encode(sample.lazy(), encoding))

    pruned, trials = Sweep(config, inputs, fine_tune, loss).run(student.network(encoding))
    if config.members:
        whole = {"teacher": teacher.network(encoding), "student": student.network(encoding)}
        networks = {name: network for name, network in whole.items() if isinstance(network, TableNetwork)}
        fewer, more_trials = prune_members(networks, inputs, encode(validation, encoding), config.members)
        pruned, trials = pruned | fewer, trials + more_trials
    return pruned, PruningTrials(trials=trials)


def export_candidates(
    teacher: Teacher,
    student: Checkpoint,
    pruned: dict[str, TableNetwork],
    parity_rows: pl.DataFrame,
    encoding: Encoding,
    table: TableSpec,
    quality: dict[str, Any],
    git_commit: str,
    compress: CompressConfig,
) -> tuple[dict[str, onnx.ModelProto], dict[str, float]]:
    """Export teacher, student and pruned students, each through the gate; returns them and their parity with torch.

    A teacher that is no network stays where it is: it is measured beside the candidates, but is none.
    """
    taught = {"teacher": teacher.network(encoding), "student": student.network(encoding), **pruned}
    networks = {name: network for name, network in taught.items() if network is not None}
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
    budget: BudgetConfig,
    seed: int,
) -> tuple[dict[str, onnx.ModelProto], QuantisationTrials]:
    """Quantise the declared candidates every declared way, as far as `compress.quantise` and the budget allow.

    Returns the int8 models, and the record of all trials.
    """
    config = compress.quantise.within(budget.max_quality_loss)
    train, validation = (part(training_table, name).collect() for name in ("train", "validation"))
    calibration = train.sample(min(config.calibration_rows, train.height), seed=seed)
    judged = validation.sample(min(config.validation_rows, validation.height), seed=seed)
    rows = QuantisationRows(
        calibration=feeds(calibration, encoding),
        validation=feeds(judged, encoding),
        target=encode(judged.lazy(), encoding)["target"],
        parity=feeds(parity_rows, encoding),
    )
    chosen = {name: model for name, model in float_models.items() if config.candidates == "all" or name != "teacher"}
    return quantise_all(chosen, config, rows, encoding.target.task)


def _student_recipe(
    stage: str,
    optimizer: OptimizerConfig,
    max_epochs: int,
    trainer: TrainerConfig,
    compress: CompressConfig,
    logger: Target | None,
    seed: int,
) -> Recipe:
    """How a student learns, and how it learns on after pruning."""
    student, shorter = compress.student, _shorter(trainer, max_epochs, compress)
    return Recipe(stage, optimizer, shorter, seed, logger, student.soft_weight, student.temperature)


def _declared(synthetic_rows: pl.LazyFrame, compress: CompressConfig) -> pl.LazyFrame | None:
    return synthetic_rows if compress.augment else None


def _shorter(trainer: TrainerConfig, max_epochs: int, compress: CompressConfig) -> TrainerConfig:
    student = compress.student
    changed = {
        "max_epochs": max_epochs,
        "batch_size": student.batch_size,
        "patience": student.patience,
        "accumulate": 1,
    }
    return trainer.on_one_host().model_copy(update=changed)


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
