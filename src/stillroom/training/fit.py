"""Fit a network: build it, train it on one device or many, give back the best epoch."""

import copy
import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytorch_lightning as lightning
import torch
from pytorch_lightning.strategies import DDPStrategy, ModelParallelStrategy, Strategy
from torch import Tensor, nn

from stillroom.models.network import TableNetwork, check_scores, given
from stillroom.table.encoding import Encoded, Encoding
from stillroom.training.augmentation import Augmentation
from stillroom.training.callbacks import (
    BEST,
    LAST,
    History,
    SameDeclaration,
    best_checkpoint,
    early_stopping,
    last_checkpoint,
    progress,
    whole,
)
from stillroom.training.examples import Examples
from stillroom.training.launch import Ranks, launch
from stillroom.training.limits import available_memory, check_batch, check_devices, check_memory, needs_of
from stillroom.training.module import TableModule
from stillroom.training.quiet import quiet
from stillroom.training.settings import NetworkConfig, OptimizerConfig, Target, TrainerConfig
from stillroom.training.watch import StoppedError

# What may differ between hosts, or between a fit and the one that continues it.
NOT_THE_MODEL = {"resume", "progress", "rendezvous", "address", "timeout", "max_restarts"}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how a fit goes, apart from network and data.

    A fit that ``joins`` takes part in one that another host leads, and leaves the files to it.
    """

    stage: str
    optimizer: OptimizerConfig
    trainer: TrainerConfig
    seed: int
    logger: Target | None = None
    soft_weight: float = 0.0
    temperature: float = 1.0
    joins: bool = False


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
    interrupted continues from where `trainer.resume` asks for it, and are removed when the fit is done. Of several
    hosts, which share that folder, one that joins gets the network back untrained.
    Raises InputError where the devices, the rows or the memory do not suffice; TrainingError where the loss or the
    validation metric stops being a number; StoppedError where who watches it ends it; ChildFailedError with the
    worker's traceback where a process of a multi-device fit fails; HostError where hosts do not meet or one is lost.
    """
    config = recipe.trainer
    _check(network, rows, config)
    folder = Path(config.checkpoint_dir) / f"{recipe.stage}-{_fingerprint(network, rows.encoding, recipe)}"
    if not (recipe.joins or (config.resume and whole(folder))):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        with quiet():
            history = _launched(network, rows, recipe, folder)
    except StoppedError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if recipe.joins:
        return Fitted(network.eval(), history)
    state = torch.load(folder / f"{BEST}.ckpt", weights_only=True, map_location="cpu")["state_dict"]
    network.load_state_dict({k.removeprefix("network."): v for k, v in state.items() if k.startswith("network.")})
    shutil.rmtree(folder, ignore_errors=True)
    return Fitted(network.eval(), history)


@quiet()
def _fit_rank(
    network: TableNetwork, examples: tuple[Examples, Examples], recipe: Recipe, folder: Path
) -> list[dict[str, float]]:
    """Train in this process, one of the ranks; a plain answer only, for it crosses processes."""
    config = recipe.trainer
    if config.threads:
        torch.set_num_threads(config.threads)
    lightning.seed_everything(recipe.seed, workers=True, verbose=False)
    augmentation = Augmentation(config.augmentation) if config.augmentation else None
    # A copy, since torch hands all ranks of a host the same memory: trained in it, each would step for all of them.
    # Lightning leaves each part in the mode it finds it in: one that has predicted would train without dropout.
    module = TableModule(
        copy.deepcopy(network).train(),
        recipe.optimizer,
        augmentation,
        recipe.soft_weight,
        recipe.temperature,
        config.compile,
    )
    record = History(recipe.stage)
    trainer = lightning.Trainer(
        accelerator=config.accelerator,
        devices=config.devices,
        num_nodes=int(os.environ.get("GROUP_WORLD_SIZE", "1")) if config.ranks > 1 else 1,
        strategy=_strategy(config),
        sync_batchnorm=config.sync_batch_norm,
        precision=config.precision,
        max_epochs=config.max_epochs,
        accumulate_grad_batches=config.accumulate,
        gradient_clip_val=config.gradient_clip,
        logger=recipe.logger.build() if recipe.logger else False,
        callbacks=[
            SameDeclaration(folder.name),
            best_checkpoint(module, folder),
            last_checkpoint(folder),
            early_stopping(module, config.patience),
            record,
            *progress(config),
        ],
        enable_progress_bar=config.progress,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        deterministic=True,
        log_every_n_steps=1,
    )
    (train, validation), ranks = examples, (trainer.global_rank, trainer.world_size)
    trainer.fit(
        module,
        train.loader(config.batch_size, config.shuffle_buffer, recipe.seed, *ranks),
        validation.loader(8192, config.shuffle_buffer, None, *ranks),
        # Ranks that are started again go on from here too.
        ckpt_path=str(folder / f"{LAST}.ckpt") if whole(folder) else None,
    )
    return record.epochs


def _launched(network: TableNetwork, rows: Rows, recipe: Recipe, folder: Path) -> list[dict[str, float]]:
    examples = _examples(rows, recipe, folder)
    try:
        return launch(_fit_rank, _ranks(recipe), network, examples, recipe, folder)
    finally:
        if not recipe.joins:
            for part in examples:
                part.remove()


def _check(network: TableNetwork, rows: Rows, config: TrainerConfig) -> None:
    frames = [rows.train] if rows.synthetic is None else [rows.train, rows.synthetic]
    count = sum(frame.select(pl.len()).collect().item() for frame in frames)
    check_devices(config)
    check_batch(config, count)
    check_memory(config, needs_of(network, rows.encoding, config), count, available_memory(config))


def _ranks(recipe: Recipe) -> Ranks:
    config = recipe.trainer
    return Ranks(
        devices=config.devices,
        nodes=config.nodes,
        rendezvous=config.rendezvous if config.nodes > 1 and config.rendezvous else Ranks.rendezvous,
        address=config.address if config.nodes > 1 else None,
        timeout=config.timeout,
        max_restarts=config.max_restarts,
        name=recipe.stage,
        joins=recipe.joins,
    )


def _strategy(config: TrainerConfig) -> Strategy | str:
    if config.ranks == 1:
        return "auto"
    timeout = timedelta(seconds=config.timeout)
    if config.strategy == "ddp":
        return DDPStrategy(timeout=timeout)
    # Lightning's FSDPStrategy is FSDP 1, and of GPUs alone. One whole file: rank 0 gathers what it saves.
    return ModelParallelStrategy(
        data_parallel_size=config.ranks, tensor_parallel_size=1, save_distributed_checkpoint=False, timeout=timeout
    )


def _examples(rows: Rows, recipe: Recipe, folder: Path) -> tuple[Examples, Examples]:
    """What to train and validate on; in folders of the fit's own where the shuffle buffer cannot hold all rows."""
    soft = recipe.soft_weight > 0
    frames = [rows.train, rows.synthetic] if soft and rows.synthetic is not None else [rows.train]
    train = Examples.of(frames, rows.encoding, recipe.temperature if soft else None)
    validation = Examples.of([rows.validation], rows.encoding)
    buffer = recipe.trainer.shuffle_buffer
    if buffer is None or train.rows() <= buffer:
        return train, validation
    write = not recipe.joins  # a host that joins reads the first one's
    return (
        train.streamed(folder / "train_rows", write=write),
        validation.streamed(folder / "validation_rows", write=write),
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


def _fingerprint(network: TableNetwork, encoding: Encoding, recipe: Recipe) -> str:
    declared = {
        "network": str(network),
        "weights": {name: list(value.shape) for name, value in network.state_dict().items()},
        "encoding": encoding.model_dump(mode="json"),
        "optimizer": recipe.optimizer.model_dump(mode="json"),
        "trainer": recipe.trainer.model_dump(mode="json", exclude=NOT_THE_MODEL),
        "seed": recipe.seed,
        "soft_weight": recipe.soft_weight,
        "temperature": recipe.temperature,
    }
    return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:10]
