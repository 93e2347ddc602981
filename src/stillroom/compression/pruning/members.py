"""Pruning an ensemble by its members: of a network that is k networks at once, the best few stay."""

import copy

import numpy as np
import torch

from stillroom.compression.pruning.trial import Cost, PruningTrial
from stillroom.models.network import Inputs, TableNetwork
from stillroom.table.encoding import Encoded
from stillroom.table.errors import InputError
from stillroom.table.metrics import HIGHER_IS_BETTER, MAIN_METRIC, log_losses, main_score
from stillroom.table.spec import Task
from stillroom.training.quiet import quiet

HOOK = "select_members"


def prune_members(
    networks: dict[str, TableNetwork], inputs: Inputs, validation: Encoded, counts: list[int]
) -> tuple[dict[str, TableNetwork], list[PruningTrial]]:
    """Prune each ensemble among the networks to so many of its members; returns candidates and records.

    An ensemble answers [N, k, outputs] and has a method `select_members(members: list[int])`, which returns the same
    network with these members alone. It needs no training afterwards. (TabM: Gorishniy et al., ICLR 2025.)
    """
    ensembles = {name: network for name, network in networks.items() if hasattr(network.body, HOOK)}
    made, trials = {}, []
    for of, network in (ensembles if counts else {}).items():
        before, answers = Cost.of(network, inputs), member_answers(network, validation)
        chosen = best_members(answers, validation["target"], network.task, max(counts))
        for count in counts:
            name, ratio = f"{of}_members_{count}", 1 - min(count / len(answers), 1)
            trial = PruningTrial(name=name, of=of, ratio=ratio, before=before, after=before)
            if count < len(answers):
                members = sorted(chosen[:count])
                made[name] = with_members(network, members, inputs)
                found = {"members": members, "after": Cost.of(made[name], inputs)}
            else:
                found = {"not_made": f"{type(network.body).__name__} has {len(answers)} members: declare fewer"}
            trials.append(trial.model_copy(update=found))
    return made, trials if ensembles else [_no_ensemble(networks, inputs, count) for count in counts]


def _no_ensemble(networks: dict[str, TableNetwork], inputs: Inputs, count: int) -> PruningTrial:
    of, network = next(iter(networks.items()))
    cost, kinds = Cost.of(network, inputs), [f"the {name} ({type(n.body).__name__})" for name, n in networks.items()]
    why = f"no ensemble with a method {HOOK}: {' and '.join(kinds)}"
    return PruningTrial(name=f"members_{count}", of=of, ratio=0, before=cost, after=cost, not_made=why)


def member_answers(network: TableNetwork, encoded: Encoded, batch_size: int = 8192) -> np.ndarray:
    """What each member of an ensemble predicts by itself: [k, N], or [k, N, classes]."""
    network.eval()
    inputs = {kind: torch.from_numpy(array) for kind, array in encoded.inputs.items()}
    parts = []
    with torch.inference_mode():
        for start in range(0, len(encoded["target"]), batch_size):
            scores = network.scores({kind: rows[start : start + batch_size] for kind, rows in inputs.items()})
            parts.append(torch.stack([network.answer(scores[:, [i]]) for i in range(scores.shape[1])]))
    return torch.cat(parts, dim=1).double().numpy()


def best_members(answers: np.ndarray, target: np.ndarray, task: Task, count: int) -> list[int]:
    """Up to `count` members, each the one that serves the average of those before it best (Caruana et al. 2004).

    The best by ROC AUC, log loss or RMSE, whichever judges the task's epochs; the first of equals.
    """
    chosen: list[int] = []
    total = np.zeros_like(answers[0])
    for _ in range(min(count, len(answers))):
        left = [i for i in range(len(answers)) if i not in chosen]
        worth = [goodness(task, target, (total + answers[i]) / (len(chosen) + 1)) for i in left]
        chosen.append(left[int(np.argmax(worth))])
        total += answers[chosen[-1]]
    return chosen


def goodness(task: Task, target: np.ndarray, prediction: np.ndarray) -> float:
    """How good predictions are; more is better. Accuracy would often be the same for many members."""
    if task == "multiclass":
        return -float(log_losses(task, target, prediction).mean())
    return main_score(task, target, prediction) * (1 if HIGHER_IS_BETTER[MAIN_METRIC[task]] else -1)


def with_members(network: TableNetwork, members: list[int], inputs: Inputs) -> TableNetwork:
    """A copy of a network with some of its members. Raises InputError where its class does not do as it says."""
    smaller = copy.deepcopy(network)
    with quiet():
        smaller.body = getattr(smaller.body, HOOK)(members)
    found, wanted = smaller.eval().scores(inputs).shape, list(network.scores(inputs).shape)
    wanted[1] = len(members)
    if list(found) != wanted:
        raise InputError(
            f"{type(network.body).__name__}.{HOOK}({members}) gave a network that answers {list(found)}, not {wanted}"
        )
    return smaller
