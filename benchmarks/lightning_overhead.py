"""What Lightning costs: the train node's fit against a bare PyTorch loop, same network, batches and loader.

Usage: python benchmarks/lightning_overhead.py [--models tabm mlp] [--epochs 2] [--rounds 2] [--rows 60000]

Needs `kedro run --pipelines prepare`. Both encode the rows, train so many epochs with the same optimiser, schedule and
clipping, and take the metric of the validation rows after each; the bare loop keeps the best weights in memory. The fit
also writes its checkpoints and its log. They run in turns; the best of each counts.
"""

import argparse
import copy
import tempfile
import time

import torch
from torchmetrics.classification import BinaryAUROC

from fits import count, declared, prepared, recipe, timed_fit
from stillroom.parameters import Parameters
from stillroom.table.encoding import encode
from stillroom.training.data import loader
from stillroom.training.fit import Recipe, Rows, build_network
from stillroom.training.module import loss_of
from stillroom.training.settings import NetworkConfig


def bare_loop(parameters: Parameters, rows: Rows, declared_recipe: Recipe) -> tuple[float, float]:
    """Seconds, and the best validation AUC, of a loop as one would write it by hand."""
    assert parameters.model.network is not None
    assert declared_recipe.optimizer.scheduler is not None
    config = declared_recipe.trainer
    network = build_network(NetworkConfig(network=parameters.model.network), rows.encoding, parameters.seed)
    start = time.perf_counter()
    torch.manual_seed(declared_recipe.seed)
    train = loader(encode(rows.train, rows.encoding), config.batch_size, shuffle=True)
    validation = loader(encode(rows.validation, rows.encoding), 8192, shuffle=False)
    optimizer = declared_recipe.optimizer.optimizer.build(params=network.parameters())
    steps = len(train) * config.max_epochs
    scheduler = declared_recipe.optimizer.scheduler.build(optimizer=optimizer, total_steps=steps)
    best, best_weights = 0.0, {}
    for _ in range(config.max_epochs):
        network.train()
        for batch in train:
            loss = loss_of("binary", network.scores(batch.inputs), batch.target)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), config.gradient_clip)
            optimizer.step()
            scheduler.step()
        network.eval()
        metric = BinaryAUROC()
        with torch.inference_mode():
            for batch in validation:
                metric.update(network(batch.inputs), batch.target.long())
        if (reached := float(metric.compute())) > best:
            best, best_weights = reached, copy.deepcopy(network.state_dict())
    network.load_state_dict(best_weights)
    return time.perf_counter() - start, best


def main() -> None:
    """Time both in turns, and print the ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", nargs="+", default=["tabm", "mlp"])
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rows", type=int, default=60_000)
    arguments = parser.parse_args()
    rows = prepared("flights", most=arguments.rows)
    trained = count(rows.train) * arguments.epochs
    for model in arguments.models:
        parameters = declared({"table": "flights", "model": model})
        seconds: dict[str, list[float]] = {"bare loop": [], "fit": []}
        for _ in range(arguments.rounds):
            with tempfile.TemporaryDirectory() as folder:
                made = recipe(parameters, folder, max_epochs=arguments.epochs, patience=arguments.epochs)
                taken, reached = bare_loop(parameters, rows, made)
                seconds["bare loop"].append(taken)
                print(f"{model:5} bare loop {trained / taken:9,.0f} rows/s  validation AUC {reached:.4f}", flush=True)
                taken, fitted = timed_fit(parameters, rows, made)
                seconds["fit"].append(taken)
                reached = max(epoch["validation_roc_auc"] for epoch in fitted.history)
                print(f"{model:5} fit       {trained / taken:9,.0f} rows/s  validation AUC {reached:.4f}", flush=True)
        ratio = min(seconds["bare loop"]) / min(seconds["fit"])
        print(f"{model}: the train node reaches {ratio:.2f} times the rows/s of the bare loop", flush=True)


if __name__ == "__main__":
    main()
