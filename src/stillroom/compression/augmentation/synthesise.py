"""From the training rows to synthetic ones: train the model of the columns, then redraw values from it."""

import copy
import math

import numpy as np
import polars as pl
import torch
from torch import Tensor

from stillroom.compression.augmentation.model import Inputs, Pseudolikelihood
from stillroom.compression.augmentation.settings import AugmentConfig
from stillroom.table.encoding import Encoded, Encoding

BATCH, LEARNING_RATE, WEIGHT_DECAY = 128, 2e-3, 1e-2
PATIENCE = 20  # epochs in which the validation rows have not become likelier
SPREAD = 4096  # rows drawn at once


def synthesise(
    train: Encoded, validation: Encoded, encoding: Encoding, config: AugmentConfig, seed: int
) -> pl.DataFrame:
    """Synthetic raw rows: real ones whose values were drawn anew, each given the row's others.

    They have the table's columns, a target that is null, and each the missing values of the row it began as. Raises
    InputError where the table has columns of other kinds than numeric and categorical.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Pseudolikelihood(encoding, train, config)
        _fit(model, _tensors(train), _tensors(validation), config.epochs)
        rows = min(math.ceil(config.factor * len(train["target"])), config.max_rows)
        starts = _starts(rows, len(train["target"]))
        begun = {kind: values[starts] for kind, values in _tensors(train).items()}
        drawn = _gibbs(model, begun, config.rounds)
    columns = [part.raw(drawn[kind][:, i].numpy(), i) for kind, part, i in model.places]
    unknown = pl.Float64 if encoding.target.task == "regression" else pl.String
    return pl.DataFrame(columns).with_columns(pl.lit(None, dtype=unknown).alias(encoding.target.name))


def _fit(model: Pseudolikelihood, train: Inputs, validation: Inputs, epochs: int) -> None:
    """Train by maximum pseudolikelihood, and keep the weights of the epoch that was best on the validation rows."""
    optimizer = torch.optim.AdamW(model.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    least, best, waited = math.inf, model.state_dict(), 0
    for _ in range(epochs):
        model.train()
        for batch in torch.randperm(_rows(train)).split(BATCH):
            loss = model.surprise({kind: values[batch] for kind, values in train.items()})
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            surprise = model.surprise(validation).item()
        waited += 1
        if surprise < least:
            least, best, waited = surprise, copy.deepcopy(model.state_dict()), 0
        if waited > PATIENCE:
            break
    model.load_state_dict(best)


@torch.no_grad()
def _gibbs(model: Pseudolikelihood, begun: Inputs, rounds: int) -> Inputs:
    """Redraw every column of every row, in an order drawn anew each round."""
    drawn = {kind: values.clone() for kind, values in begun.items()}
    places = model.eval().places
    for _ in range(rounds):
        for place in torch.randperm(len(places)).tolist():
            kind, part, column = places[place]
            for rows in torch.arange(_rows(drawn)).split(SPREAD):
                known = {k: values[rows] for k, values in drawn.items()}
                context = model.contexts(known, slice(place, place + 1))[:, 0]
                drawn[kind][rows, column] = part.draw(context, known[kind][:, column], column)
    return drawn


def _starts(rows: int, real: int) -> Tensor:
    """Which real row each synthetic one begins as: all of them equally often."""
    return torch.cat([torch.randperm(real) for _ in range(-(-rows // real))])[:rows]


def _tensors(encoded: Encoded) -> Inputs:
    return {kind: torch.from_numpy(np.array(array)) for kind, array in encoded.inputs.items()}


def _rows(inputs: Inputs) -> int:
    return len(next(iter(inputs.values())))
