"""What watches a fit: checkpoints, early stopping, the history, and what ends it."""

import math
import zipfile
from pathlib import Path
from typing import Any

import pytorch_lightning as lightning
from pytorch_lightning.callbacks import Callback, EarlyStopping, ModelCheckpoint, TQDMProgressBar

from stillroom.table.errors import InputError
from stillroom.training.module import PRIMARY, TableModule
from stillroom.training.settings import TrainerConfig
from stillroom.training.watch import tell

BEST, LAST = "best", "last"


class TrainingError(RuntimeError):
    """Training went wrong in a way that no later step could repair; the message says where and what to change."""


class SameDeclaration(Callback):
    """Ends a fit whose ranks were told different things, as hosts with other parameters or another table are."""

    def __init__(self, declaration: str) -> None:
        self.declaration = declaration

    def setup(self, trainer: lightning.Trainer, pl_module: Any, stage: str) -> None:
        first = trainer.strategy.broadcast(self.declaration)
        if first != self.declaration:
            raise InputError(
                f"this host declares {self.declaration}, and the first rank {first}: give every host the same --params "
                "and the same data/, on shared storage"
            )


class History(Callback):
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
        tell(self.stage, trainer.current_epoch, figures)

    def state_dict(self) -> dict[str, Any]:
        return {"epochs": self.epochs}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.epochs = state["epochs"]


def best_checkpoint(module: TableModule, folder: Path) -> ModelCheckpoint:
    """The best epoch by the validation metric."""
    mode = PRIMARY[module.network.task][1]
    return ModelCheckpoint(folder, BEST, monitor=module.metric_name, mode=mode, enable_version_counter=False)


def last_checkpoint(folder: Path) -> ModelCheckpoint:
    """One checkpoint every epoch: `save_last` of the best one's would keep only the epochs that were better."""
    return ModelCheckpoint(folder, LAST, enable_version_counter=False)


def whole(folder: Path) -> bool:
    """Whether both checkpoints are whole: Lightning copies them into place, which a kill can cut short."""
    return all(zipfile.is_zipfile(folder / f"{name}.ckpt") for name in (BEST, LAST))


def early_stopping(module: TableModule, patience: int) -> EarlyStopping:
    """Ends the fit after so many epochs without a better validation metric."""
    mode = PRIMARY[module.network.task][1]
    return EarlyStopping(module.metric_name, mode=mode, patience=patience, check_finite=False)


def progress(config: TrainerConfig) -> list[Callback]:
    """A bar, where one is declared."""
    return [TQDMProgressBar(refresh_rate=50, leave=False)] if config.progress else []
