"""The Lightning module of every network on a table: teacher, student and pruned student alike."""

import inspect
from typing import Any

import pytorch_lightning as lightning
import torch
import torchmetrics
from hydra.utils import get_object
from pytorch_lightning.strategies import ModelParallelStrategy
from torch import Tensor
from torch.nn import functional
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from stillroom.models.network import TableNetwork
from stillroom.table.spec import Task
from stillroom.training.augmentation import Augmentation
from stillroom.training.data import Batch
from stillroom.training.settings import OptimizerConfig, Target
from stillroom.training.sharding import shard

# The metric that chooses the best epoch, and whether more of it is better.
PRIMARY: dict[Task, tuple[str, str]] = {
    "binary": ("roc_auc", "max"),
    "multiclass": ("log_loss", "min"),
    "regression": ("rmse", "min"),
}


def loss_of(task: Task, scores: Tensor, target: Tensor) -> Tensor:
    """Mean loss of scores [N, outputs] or [N, k, outputs]; the target may be soft.

    Binary: cross-entropy against a probability; multiclass: against class numbers [N] or probabilities
    [N, K]; regression: squared error against the standardised value.
    """
    if scores.dim() == 3:
        members = scores.shape[1]
        target = target.unsqueeze(1).expand(-1, members, *target.shape[1:]).flatten(0, 1)
        scores = scores.flatten(0, 1)
    if task == "binary":
        return functional.binary_cross_entropy_with_logits(scores[:, 0], target)
    if task == "multiclass":
        return functional.cross_entropy(scores, target if target.dim() == 2 else target.long())
    return functional.mse_loss(scores[:, 0], target)


class TableModule(lightning.LightningModule):
    """Trains a `TableNetwork`, logging `train_loss` and `validation_<primary metric>` each epoch.

    Where batches have the teacher's answers, the loss is that of knowledge distillation: (1 - w) x loss(scores, target)
    + w x T² x loss(scores / T, soft), the latter of temperature T too. The T² keeps the weight of the two the same
    whatever the temperature. Source: Hinton, Vinyals and Dean 2015, arXiv 1503.02531.
    """

    def __init__(
        self,
        network: TableNetwork,
        optimizer: OptimizerConfig,
        augmentation: Augmentation | None = None,
        soft_weight: float = 0.0,
        temperature: float = 1.0,
        compiled: bool = False,
    ):
        super().__init__()
        self.compiled, self.score = compiled, network.scores
        self.augmentation, self.soft_weight, self.temperature = augmentation, soft_weight, temperature
        self.network, self.config = network, optimizer
        self.metric_name = f"validation_{PRIMARY[network.task][0]}"
        self.metric = _metric(network.task)

    def configure_model(self) -> None:
        """Shard the network where the strategy is FSDP, and compile it where that is declared."""
        if isinstance(self.trainer.strategy, ModelParallelStrategy):
            assert self.device_mesh is not None
            shard(self.network, self.device_mesh["data_parallel"])
        self.score = torch.compile(self.network.scores) if self.compiled else self.network.scores

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """One batch of training."""
        if self.augmentation is not None:
            batch = batch._replace(inputs=self.augmentation(batch.inputs))
        loss = self._loss(self._scores(batch), batch)
        rows = len(batch.target)
        self.log("train_loss", loss, on_step=False, on_epoch=True, prog_bar=True, batch_size=rows, sync_dist=True)
        return loss

    def validation_step(self, batch: Batch, _: int) -> None:
        """One batch of validation, against the hard target."""
        # Of bfloat16's few values, many rows would share one.
        answers = self.network.answer(self._scores(batch).float())
        if self.network.task == "multiclass":
            self.metric.update(functional.nll_loss(answers.clamp_min(1e-15).log(), batch.target.long()))
        else:
            self.metric.update(answers, batch.target.long() if self.network.task == "binary" else batch.target)
        self.log(self.metric_name, self.metric, prog_bar=True, batch_size=len(batch.target))

    def configure_optimizers(self) -> Any:
        """The declared optimiser, and the schedule stepped every batch."""
        optimizer = self.config.optimizer.build(params=self.network.parameters())
        if self.config.scheduler is None:
            return optimizer
        scheduler = _schedule(self.config.scheduler, optimizer, int(self.trainer.estimated_stepping_batches))
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def _loss(self, scores: Tensor, batch: Batch) -> Tensor:
        hard = loss_of(self.network.task, scores, self._standard(batch.target))
        if batch.soft is None:
            return hard
        soft = loss_of(self.network.task, scores / self.temperature, self._standard(batch.soft))
        return (1 - self.soft_weight) * hard + self.soft_weight * self.temperature**2 * soft

    def _scores(self, batch: Batch) -> Tensor:
        return self.score(batch.inputs)

    def _standard(self, target: Tensor) -> Tensor:
        if self.network.task != "regression":
            return target
        return (target - self.network.mean) / self.network.scale


def _schedule(scheduler: Target, optimizer: Optimizer, steps: int) -> LRScheduler:
    if "total_steps" not in inspect.signature(get_object(scheduler.path)).parameters:
        return scheduler.build(optimizer=optimizer)
    # OneCycleLR divides by pct_start * total_steps - 1: ten steps with the usual 0.1 would fail.
    if (scheduler.model_extra or {}).get("pct_start", 0) * steps == 1:
        steps += 1
    return scheduler.build(optimizer=optimizer, total_steps=steps)


def _metric(task: Task) -> torchmetrics.Metric:
    if task == "binary":
        return torchmetrics.classification.BinaryAUROC()
    return torchmetrics.MeanMetric() if task == "multiclass" else torchmetrics.MeanSquaredError(squared=False)
