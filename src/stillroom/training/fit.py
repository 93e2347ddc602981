"""Fit a network: build it, train it on one device or many, give back the best epoch."""

import hashlib
import json
import math
import shutil
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytorch_lightning as lightning
import torch
from pytorch_lightning.callbacks import Callback, EarlyStopping, ModelCheckpoint, TQDMProgressBar
from torch import Tensor, nn

from stillroom.models.network import TableNetwork, check_scores, given
from stillroom.table.encoding import Encoded, Encoding
from stillroom.training.augmentation import Augmentation
from stillroom.training.examples import Examples
from stillroom.training.launch import launch
from stillroom.training.module import PRIMARY, TableModule
from stillroom.training.quiet import quiet
from stillroom.training.settings import NetworkConfig, OptimizerConfig, Target, TrainerConfig

BEST, LAST = "best", "last"


class TrainingError(RuntimeError):
    """Training went wrong in a way that no later step could repair; the message says where and what to change."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a fit goes, apart from network and data."""

    stage: str
    optimizer: OptimizerConfig
    trainer: TrainerConfig
    seed: int
    logger: Target | None = None
    soft_weight: float = 0.0
    temperature: float = 1.0


@dataclass(frozen=True)
class Rows:
    """Training and validation rows, lazy; `soft_target*` columns in the training rows where they have soft labels.

    ``synthetic`` rows are trained on too; they have soft labels alone.
    """

    train: pl.LazyFrame
    validation: pl.LazyFrame
    encoding: Encoding
    synthetic: pl.LazyFrame | None = None


@dataclass(frozen=True)
class Fitted:
    """A trained network and how it got there: one entry an epoch."""

    network: TableNetwork
    history: list[dict[str, float]] = field(default_factory=list)


def build_network(model: NetworkConfig, encoding: Encoding, seed: int) -> TableNetwork:
    """Build an untrained network for a table, its first weights drawn from the seed.

    Its constructor gets what it names of `features`, `outputs`, `in_features` and `out_features`.
    Raises InputError where the network does not take the table's columns or does not answer scores.
    """
    torch.manual_seed(seed)
    with quiet():
        network = TableNetwork(model.network.build_with(given(encoding)), encoding)
    check_scores(network, encoding)
    return network


def fit(network: TableNetwork, rows: Rows, recipe: Recipe) -> Fitted:
    """Train a network and return it with the weights of its best epoch on the validation rows.

    Checkpoints go to `trainer.checkpoint_dir`/<stage>-<hash of the declaration>, which a fit that was
    interrupted continues from where `trainer.resume` asks for it, and are removed when the fit is done.
    Raises TrainingError where the loss or the validation metric stops being a number, and ChildFailedError with
    the worker's traceback where a process of a multi-device fit fails.
    """
    folder = Path(recipe.trainer.checkpoint_dir) / f"{recipe.stage}-{_fingerprint(network, rows.encoding, recipe)}"
    if not (recipe.trainer.resume and _whole(folder)):
        shutil.rmtree(folder, ignore_errors=True)
    with quiet():
        examples = _examples(rows, recipe, folder)
        try:
            best, history = launch(_fit_rank, recipe.trainer.devices, network, examples, recipe, folder)
        finally:
            for part in examples:
                part.remove()
    state = torch.load(best, weights_only=True, map_location="cpu")["state_dict"]
    network.load_state_dict({k.removeprefix("network."): v for k, v in state.items() if k.startswith("network.")})
    shutil.rmtree(folder, ignore_errors=True)
    return Fitted(network.eval(), history)


@quiet()
def _fit_rank(
    network: TableNetwork, examples: tuple[Examples, Examples], recipe: Recipe, folder: Path
) -> tuple[str, list[dict[str, float]]]:
    """Train in this process, one of `devices`; plain answers only, for they cross processes."""
    config = recipe.trainer
    if config.threads:
        torch.set_num_threads(config.threads)
    lightning.seed_everything(recipe.seed, workers=True, verbose=False)
    augmentation = Augmentation(config.augmentation) if config.augmentation else None
    # Lightning leaves each part in the mode it finds it in: one that has predicted would train without dropout.
    module = TableModule(network.train(), recipe.optimizer, augmentation, recipe.soft_weight, recipe.temperature)
    record = _History(recipe.stage)
    best = _best_checkpoint(module, folder)
    trainer = lightning.Trainer(
        accelerator=config.accelerator,
        devices=config.devices,
        strategy="ddp" if config.devices > 1 else "auto",
        precision=config.precision,
        max_epochs=config.max_epochs,
        gradient_clip_val=config.gradient_clip,
        logger=recipe.logger.build() if recipe.logger else False,
        callbacks=[
            best,
            _last_checkpoint(folder),
            _early_stopping(module, config.patience),
            record,
            *_progress(config),
        ],
        enable_progress_bar=config.progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        deterministic=True,
        log_every_n_steps=1,
    )
    (train, validation), ranks = examples, (trainer.global_rank, trainer.world_size)
    last = folder / f"{LAST}.ckpt"
    trainer.fit(
        module,
        train.loader(config.batch_size, config.shuffle_buffer, recipe.seed, *ranks),
        validation.loader(8192, config.shuffle_buffer, None, *ranks),
        ckpt_path=str(last) if last.exists() else None,
    )
    return best.best_model_path, record.epochs


def _examples(rows: Rows, recipe: Recipe, folder: Path) -> tuple[Examples, Examples]:
    """What to train and validate on; in files of the fit's folder where the shuffle buffer cannot hold all rows."""
    soft = recipe.soft_weight > 0
    frames = [rows.train, rows.synthetic] if soft and rows.synthetic is not None else [rows.train]
    train = Examples.of(frames, rows.encoding, recipe.temperature if soft else None)
    validation = Examples.of([rows.validation], rows.encoding)
    buffer = recipe.trainer.shuffle_buffer
    if buffer is None or train.rows() <= buffer:
        return train, validation
    return (
        train.streamed(folder / "train.parquet", write=True),
        validation.streamed(folder / "validation.parquet", write=True),
    )


def predict(network: nn.Module, encoded: Encoded, batch_size: int = 8192) -> np.ndarray:
    """Predict encoded rows: float32 [N], or [N, classes]."""
    network.eval()
    inputs = {kind: torch.from_numpy(array) for kind, array in encoded.inputs.items()}
    rows = len(encoded["target"])
    with torch.inference_mode():
        parts: list[Tensor] = [
            network({kind: values[i : i + batch_size] for kind, values in inputs.items()})
            for i in range(0, max(rows, 1), batch_size)
        ]
    return torch.cat(parts).numpy()


class _History(Callback):
    """Keeps the figures of every epoch, and ends the fit where one is not a number."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.epochs: list[dict[str, float]] = []

    def on_train_epoch_end(self, trainer: lightning.Trainer, _: Any) -> None:
        figures = {name: float(value) for name, value in trainer.callback_metrics.items()}
        lost = [name for name, value in figures.items() if not math.isfinite(value)]
        if lost:
            raise TrainingError(
                f"{self.stage}: {' and '.join(lost)} became {figures[lost[0]]} in epoch {trainer.current_epoch}: "
                "lower the learning rate (optimizer.lr, scheduler) or set trainer.gradient_clip"
            )
        self.epochs.append({"epoch": float(trainer.current_epoch), **figures})

    def state_dict(self) -> dict[str, Any]:
        return {"epochs": self.epochs}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.epochs = state["epochs"]


def _best_checkpoint(module: TableModule, folder: Path) -> ModelCheckpoint:
    mode = PRIMARY[module.network.task][1]
    return ModelCheckpoint(folder, BEST, monitor=module.metric_name, mode=mode, enable_version_counter=False)


def _last_checkpoint(folder: Path) -> ModelCheckpoint:
    """One checkpoint every epoch: `save_last` of the best one's would keep only the epochs that were better."""
    return ModelCheckpoint(folder, LAST, enable_version_counter=False)


def _whole(folder: Path) -> bool:
    """Whether both checkpoints are whole: Lightning copies them into place, which a kill can cut short."""
    return all(zipfile.is_zipfile(folder / f"{name}.ckpt") for name in (BEST, LAST))


def _early_stopping(module: TableModule, patience: int) -> EarlyStopping:
    mode = PRIMARY[module.network.task][1]
    return EarlyStopping(module.metric_name, mode=mode, patience=patience, check_finite=False)


def _progress(config: TrainerConfig) -> list[Callback]:
    return [TQDMProgressBar(refresh_rate=50, leave=False)] if config.progress else []


def _fingerprint(network: TableNetwork, encoding: Encoding, recipe: Recipe) -> str:
    declared = {
        "network": str(network),
        "weights": {name: list(value.shape) for name, value in network.state_dict().items()},
        "encoding": encoding.model_dump(mode="json"),
        "optimizer": recipe.optimizer.model_dump(mode="json"),
        "trainer": recipe.trainer.model_dump(mode="json", exclude={"resume", "progress"}),
        "seed": recipe.seed,
        "soft_weight": recipe.soft_weight,
        "temperature": recipe.temperature,
    }
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:10]
