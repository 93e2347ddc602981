from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from compression.pruning import tiny
from stillroom.compression.gate import check_export
from stillroom.compression.pruning.members import (
    best_members,
    goodness,
    member_answers,
    prune_members,
    with_members,
)
from stillroom.models.network import TableNetwork
from stillroom.table.encoding import encode, feeds
from stillroom.training.fit import fit, predict
from training import small

ARCHITECTURES = ["tabm", "tabm-mini", "tabm-packed"]


class Ensemble(nn.Module):
    """A user's own: k linear models, which says how its members are taken."""

    def __init__(self, weight: Tensor):
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        return torch.einsum("nf,kfo->nko", numeric, self.weight)

    def select_members(self, members: list[int]) -> "Ensemble":
        return Ensemble(self.weight.detach()[members])


class Lying(Ensemble):
    """Which takes none away."""

    def select_members(self, members: list[int]) -> "Ensemble":
        return self


def own(kind: type[Ensemble], task: str) -> TableNetwork:
    encoding = small.encoding(task)
    torch.manual_seed(0)
    return TableNetwork(kind(torch.randn(5, 4, encoding.target.outputs)), encoding)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("task", small.TASKS)
def test_a_tabm_of_some_members_answers_their_mean(architecture: str, task: str) -> None:
    network = tiny.built("tabm", task, architecture=architecture, k=6, blocks=2)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    smaller = with_members(network, [1, 4, 5], tiny.inputs(task))
    expected = member_answers(network, tiny.rows(task))[[1, 4, 5]].mean(0)
    scale = small.encoding(task).target.scale
    np.testing.assert_allclose(predict(smaller, tiny.rows(task)), expected, atol=1e-5 * scale)
    assert np.abs(expected - predict(network, tiny.rows(task))).max() > 1e-3 * scale


@pytest.mark.parametrize("task", small.TASKS)
def test_the_chosen_members_are_at_least_as_good_as_the_first(task: str, tmp_path: Path) -> None:
    data = small.rows(task)
    trained = fit(tiny.built("tabm", task, k=8), data, small.recipe(tmp_path, max_epochs=2)).network
    validation = encode(data.validation, data.encoding)

    made, (trial,) = prune_members({"teacher": trained}, tiny.inputs(task), validation, [3])

    first, chosen = member_answers(trained, validation)[:3].mean(0), predict(made["teacher_members_3"], validation)
    assert goodness(task, validation["target"], chosen) >= goodness(task, validation["target"], first)
    assert (trial.of, trial.ratio, len(trial.members)) == ("teacher", 1 - 3 / 8, 3)


def test_fewer_members_are_a_smaller_file_that_answers_as_the_network() -> None:
    network, encoding = tiny.built("tabm", "multiclass", k=8, architecture="tabm-packed"), small.encoding("multiclass")
    made, (trial,) = prune_members({"teacher": network}, tiny.inputs("multiclass"), tiny.rows("multiclass"), [3])
    smaller, whole = (tiny.exported(n, "multiclass") for n in (made["teacher_members_3"], network))
    assert len(smaller.SerializeToString()) < 0.7 * len(whole.SerializeToString())
    assert trial.after.parameters < 0.5 * trial.before.parameters
    assert trial.after.macs < 0.5 * trial.before.macs
    rows = small.table("multiclass", 60)
    expected = predict(made["teacher_members_3"], encode(rows.lazy(), encoding))
    check_export("members", smaller, feeds(rows, encoding), expected, 1e-4)


def test_each_member_is_chosen_for_what_it_adds_to_those_before() -> None:
    target = np.array([0.0, 1.0, 2.0])
    answers = np.array([target + 9, target + 1, target + 1.1, target - 1])
    assert best_members(answers, target, "regression", 3) == [1, 3, 2]


def test_fewer_members_are_a_prefix_of_more() -> None:
    network = tiny.built("tabm", "binary", k=6)
    made, trials = prune_members({"student": network}, tiny.inputs("binary"), tiny.rows("binary"), [4, 2])
    assert list(made) == ["student_members_4", "student_members_2"]
    assert set(trials[1].members) < set(trials[0].members)


def test_a_users_ensemble_is_pruned_by_its_own_method() -> None:
    network = own(Ensemble, "multiclass")
    made, (trial,) = prune_members({"teacher": network}, tiny.inputs("multiclass"), tiny.rows("multiclass"), [2])
    kept = network.body.weight[trial.members]
    assert torch.equal(made["teacher_members_2"].body.weight, kept)


def test_a_method_that_does_not_do_as_it_says_is_an_error_that_names_the_class() -> None:
    with pytest.raises(ValueError, match=r"Lying\.select_members\(\[0, 1\]\) gave a network that answers"):
        with_members(own(Lying, "binary"), [0, 1], tiny.inputs("binary"))


def test_where_there_are_no_more_members_or_no_ensemble_there_is_no_candidate() -> None:
    tabm, mlp = tiny.built("tabm", "binary"), tiny.built("mlp", "binary")
    made, (trial,) = prune_members({"teacher": tabm, "student": mlp}, tiny.inputs("binary"), tiny.rows("binary"), [4])
    assert (made, trial.not_made) == ({}, "TabM has 4 members: declare fewer")
    made, (trial,) = prune_members({"student": mlp}, tiny.inputs("binary"), tiny.rows("binary"), [4])
    assert (made, trial.not_made) == ({}, "no ensemble with a method select_members: the student (Mlp)")
