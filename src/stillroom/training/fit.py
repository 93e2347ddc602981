"""Fit a network: build it, train it on one device or many, give back the best epoch."""

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytorch_lightning as lightning
import torch
from pytorch_lightning.callbacks import Callback, EarlyStopping, ModelCheckpoint, TQDMProgressBar
from torch import Tensor

from stillroom.models.network import TableNetwork, features_of, front_of
from stillroom.table.encoding import Encoded, Encoding, encode
from stillroom.training.data import loader
from stillroom.training.launch import launch
from stillroom.training.module import PRIMARY, TableModule
from stillroom.training.settings import ModelConfig, OptimizerConfig, Target, TrainerConfig

SOFT = "soft_target"


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a fit goes, apart from network and data."""

    stage: str
    optimizer: OptimizerConfig
    trainer: TrainerConfig
    seed: int
    logger: Target | None = None
    soft_weight: float = 0.0


@dataclass(frozen=True)
class Rows:
    """Training and validation rows, lazy; training rows hold `soft_target*` columns where soft_weight > 0."""

    train: pl.LazyFrame
    validation: pl.LazyFrame
    encoding: Encoding


@dataclass(frozen=True)
class Fitted:
    """A trained network and how it got there: one entry an epoch."""

    network: TableNetwork
    history: list[dict[str, float]] = field(default_factory=list)


def build_network(model: ModelConfig, encoding: Encoding, seed: int) -> TableNetwork:
    """Build an untrained network for a table, its first weights drawn from the seed."""
    torch.manual_seed(seed)
    body = model.network.build(features_of(encoding), encoding.target.outputs)
    return TableNetwork(front_of(encoding), body, encoding)


def fit(network: TableNetwork, rows: Rows, recipe: Recipe) -> Fitted:
    """Train a network and return it with the weights of its best epoch on the validation rows.

    Checkpoints go to `trainer.checkpoint_dir`/<stage>-<hash of the declaration>, which a fit that was
    interrupted continues from where `trainer.resume` asks for it, and are removed when the fit is done.
    Raises ChildFailedError with the worker's traceback where a process of a multi-device fit fails.
    """
    folder = Path(recipe.trainer.checkpoint_dir) / f"{recipe.stage}-{_fingerprint(network, recipe)}"
    if not recipe.trainer.resume:
        shutil.rmtree(folder, ignore_errors=True)
    best, history = launch(_fit_rank, recipe.trainer.devices, network, rows, recipe, folder)
    state = torch.load(best, weights_only=True, map_location="cpu")["state_dict"]
    network.load_state_dict({k.removeprefix("network."): v for k, v in state.items() if k.startswith("network.")})
    shutil.rmtree(folder, ignore_errors=True)
    return Fitted(network.eval(), history)


def _fit_rank(network: TableNetwork, rows: Rows, recipe: Recipe, folder: Path) -> tuple[str, list[dict[str, float]]]:
    """Train in this process, one of `devices`; plain answers only, for they cross processes."""
    config = recipe.trainer
    if config.threads:
        torch.set_num_threads(config.threads)
    lightning.seed_everything(recipe.seed, workers=True, verbose=False)
    module = TableModule(network, recipe.optimizer)
    record = _History()
    checkpoint = _checkpoint(module, folder)
    trainer = lightning.Trainer(
        accelerator=config.accelerator,
        devices=config.devices,
        num_nodes=config.nodes,
        strategy="ddp" if config.devices * config.nodes > 1 else "auto",
        precision=config.precision,
        max_epochs=config.max_epochs,
        gradient_clip_val=config.gradient_clip,
        logger=recipe.logger.build() if recipe.logger else False,
        callbacks=[checkpoint, _early_stopping(module, config.patience), record, *_progress(config, recipe.stage)],
        enable_progress_bar=config.progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        deterministic=True,
        log_every_n_steps=1,
    )
    train = soft_encoded(rows.train, rows.encoding, recipe.soft_weight)
    last = folder / "last.ckpt"
    trainer.fit(
        module,
        loader(train, config.batch_size, shuffle=True),
        loader(encode(rows.validation, rows.encoding), 8192, shuffle=False),
        ckpt_path=str(last) if last.exists() else None,
    )
    return checkpoint.best_model_path, record.epochs


def soft_encoded(frame: pl.LazyFrame, encoding: Encoding, weight: float) -> Encoded:
    """Encode rows, the target mixed as weight x soft + (1 - weight) x hard.

    Cross-entropy and squared error are linear in the target up to a constant, so one loss on the mixed
    target equals the weighted sum of the two losses (Hinton et al. 2015).
    """
    names = tuple(c for c in frame.collect_schema().names() if c.startswith(SOFT)) if weight > 0 else ()
    encoded = encode(frame, encoding, extra=names)
    if weight > 0:
        soft = np.stack([encoded[name] for name in names], axis=1)
        hard = encoded["target"][:, None]
        if encoding.target.task == "multiclass":
            hard = np.eye(encoding.target.outputs, dtype=np.float32)[encoded["target"].astype(int)]
        mixed = weight * soft + (1 - weight) * hard
        encoded["target"] = mixed if encoding.target.task == "multiclass" else mixed[:, 0]
    return encoded


def predict(network: TableNetwork, encoded: Encoded, batch_size: int = 8192) -> np.ndarray:
    """Predict encoded rows: float32 [N], or [N, classes]."""
    network.eval()
    numeric, categorical = torch.from_numpy(encoded["numeric"]), torch.from_numpy(encoded["categorical"])
    with torch.inference_mode():
        parts: list[Tensor] = [
            network(numeric[i : i + batch_size], categorical[i : i + batch_size])
            for i in range(0, len(numeric), batch_size)
        ]
    return torch.cat(parts).numpy()


class _History(Callback):
    def __init__(self) -> None:
        self.epochs: list[dict[str, float]] = []

    def on_train_epoch_end(self, trainer: lightning.Trainer, _: Any) -> None:
        figures = {name: float(value) for name, value in trainer.callback_metrics.items()}
        self.epochs.append({"epoch": float(trainer.current_epoch), **figures})

    def state_dict(self) -> dict[str, Any]:
        return {"epochs": self.epochs}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.epochs = state["epochs"]


def _checkpoint(module: TableModule, folder: Path) -> ModelCheckpoint:
    return ModelCheckpoint(
        dirpath=folder, filename="best", monitor=module.metric_name, mode=PRIMARY[module.network.task][1], save_last=True
    )


def _early_stopping(module: TableModule, patience: int) -> EarlyStopping:
    mode = PRIMARY[module.network.task][1]
    return EarlyStopping(module.metric_name, mode=mode, patience=patience, check_finite=True)


def _progress(config: TrainerConfig, stage: str) -> list[Callback]:
    if not config.progress:
        return []
    bar = TQDMProgressBar(refresh_rate=50, leave=False)
    return [bar]


def _fingerprint(network: TableNetwork, recipe: Recipe) -> str:
    declared = {
        "network": str(network),
        "optimizer": recipe.optimizer.model_dump(mode="json"),
        "trainer": recipe.trainer.model_dump(mode="json", exclude={"resume", "progress"}),
        "seed": recipe.seed,
        "soft_weight": recipe.soft_weight,
    }
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:10]
