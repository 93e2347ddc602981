from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from torch import nn

from compression.pruning import networks, tiny
from stillroom.compression.distil import learn
from stillroom.compression.folds import ROW
from stillroom.compression.gate import check_export
from stillroom.models.network import TableNetwork
from stillroom.table.encoding import encode, feeds
from stillroom.table.errors import InputError
from stillroom.table.metrics import main_score
from stillroom.training.fit import Fitted, predict
from training import small


def gone(network: TableNetwork, **changes: object) -> dict[str, int]:
    """How many outputs each layer of the one candidate has lost."""
    made, _ = tiny.pruned(network, ratios=[0.5], **changes)
    (smaller,) = made.values()
    pairs = zip(network.body.named_modules(), smaller.body.modules(), strict=True)
    return {
        name: before.weight.shape[0] - after.weight.shape[0]
        for (name, before), after in pairs
        if isinstance(before, nn.Linear | nn.Conv2d | nn.BatchNorm2d)
    }


@pytest.mark.parametrize(
    ("kind", "lost"),
    [
        (networks.HeadFirst, {"head": 0, "narrow": 1, "wide": 16}),
        (networks.TwoHeads, {"deep": 16, "deep_head": 0, "linear_head": 0}),
        (
            networks.Attention,
            {"token": 0, "encoder.self_attn.out_proj": 0, "encoder.linear1": 16, "encoder.linear2": 0},
        ),
        (networks.RawWeights, {"first": 8, "second": 0}),
        (networks.Convolutions, {"stem": 8, "stem_norm": 8, "inner": 12, "inner_norm": 12, "outer": 8, "head": 0}),
    ],
)
def test_half_of_what_may_leave_leaves(kind: type[nn.Module], lost: dict[str, int]) -> None:
    found = gone(tiny.own(kind, "multiclass"))
    assert {name: found[name] for name in lost} == lost


@pytest.mark.parametrize("importance", ["magnitude_l1", "magnitude_l2", "lamp", "taylor"])
@pytest.mark.parametrize("task", small.TASKS)
def test_units_that_do_nothing_leave_first(importance: str, task: str) -> None:
    network = tiny.built("mlp", task, widths=[32])
    with torch.no_grad():
        network.body.hidden[0].weight[::2] = 0
        network.body.hidden[0].bias[::2] = 0
        network.body.head.weight[:, ::2] = 0
    made, _ = tiny.pruned(network, ratios=[0.5], importance=importance)
    expected = predict(network, tiny.rows(task))
    scale = small.encoding(task).target.scale
    np.testing.assert_allclose(predict(made["pruned_50"], tiny.rows(task)), expected, atol=1e-6 * scale)


@pytest.mark.parametrize("importance", ["fpgm", "random"])
def test_every_importance_prunes_to_the_width_declared(importance: str) -> None:
    assert gone(tiny.built("mlp", "binary", widths=[32]), importance=importance)["hidden.0"] == 16


def test_a_class_of_the_user_s_own_says_which_units_leave_first() -> None:
    network = tiny.built("mlp", "binary", widths=[32])
    own = {"_target_": "compression.pruning.networks.LastFirst"}
    made, _ = tiny.pruned(network, ratios=[0.5], importance=own)
    assert torch.equal(made["pruned_50"].body.hidden[0].weight, network.body.hidden[0].weight[:16])


def test_one_that_does_not_weigh_each_unit_is_told_so() -> None:
    own = {"_target_": "compression.pruning.networks.OneForAll"}
    told = r"OneForAll answers \[1\] for the 32 channels of hidden.0; it must answer a tensor \[32\]"
    with pytest.raises(InputError, match=told):
        gone(tiny.built("mlp", "binary", widths=[32]), importance=own)


def test_of_all_layers_together_the_least_important_leave() -> None:
    network = tiny.built("mlp", "binary", widths=[32, 32])
    assert gone(network, scope="layer") == {"hidden.0": 16, "hidden.3": 16, "head": 0}
    with torch.no_grad():
        network.body.hidden[3].weight[:20] *= 0.001
        network.body.head.weight[:, :20] *= 0.001
    found = gone(network, scope="global", importance="magnitude_l1")
    assert found["hidden.0"] + found["hidden.3"] == 32
    assert found["hidden.3"] >= 20


def test_layers_have_ratios_of_their_own_by_pattern() -> None:
    network = tiny.built("mlp", "binary", widths=[32, 32, 32])
    found = gone(network, layers={"hidden.0": 0, "*.6": 0.25})
    assert found == {"hidden.0": 0, "hidden.3": 16, "hidden.6": 8, "head": 0}
    with pytest.raises(ValueError, match=r"layers: head is the name of no layer that can be pruned; .*hidden\.0"):
        gone(network, layers={"head": 0.5})


@pytest.mark.parametrize(
    ("network", "task", "before", "after"),
    [
        (tiny.built("mlp", "multiclass", widths=[32, 24]), "multiclass", [(32, 22), (24, 32)], [(16, 22), (12, 16)]),
        (
            tiny.own(networks.Convolutions, "multiclass"),
            "multiclass",
            [(16, 1, 1, 3), (24, 16, 1, 3), (16, 24, 1, 3)],
            [(8, 1, 1, 3), (12, 8, 1, 3), (8, 12, 1, 3)],
        ),
    ],
)
def test_the_exported_graph_has_fewer_channels_and_answers_as_the_network(
    network: TableNetwork, task: str, before: list[tuple[int, ...]], after: list[tuple[int, ...]]
) -> None:
    made, (trial,) = tiny.pruned(network, ratios=[0.5])
    whole, smaller = (tiny.exported(n, task) for n in (network, made["pruned_50"]))

    assert set(before) <= set(tiny.weights(whole))
    assert set(after) <= set(tiny.weights(smaller))
    assert not set(before) & set(tiny.weights(smaller))
    assert trial.after.parameters < 0.5 * trial.before.parameters
    assert trial.after.macs < 0.5 * trial.before.macs
    rows = small.table(task, 60)
    expected = predict(made["pruned_50"], encode(rows.lazy(), small.encoding(task)))
    check_export("pruned_50", smaller, feeds(rows, small.encoding(task)), expected, 1e-4)


def test_a_sweep_gives_one_candidate_a_ratio_and_an_iterative_one_goes_on_from_what_was_trained() -> None:
    def marked(network: TableNetwork, stage: str, epochs: int) -> Fitted:
        stages.append((stage, epochs))
        with torch.no_grad():
            network.body.head.bias += 1
        return Fitted(network, [{"epoch": 0.0}])

    network = tiny.built("mlp", "binary", widths=[32])
    bias = network.body.head.bias.item()
    for iterative, trainings in ((False, [1, 1]), (True, [1, 2])):
        stages: list[tuple[str, int]] = []
        made, trials = tiny.pruned(network, marked, ratios=[0.25, 0.5], iterative=iterative)
        assert [n.body.hidden[0].out_features for n in made.values()] == [24, 16]
        assert [n.body.head.bias.item() - bias for n in made.values()] == pytest.approx(trainings)
        assert [trial.history for trial in trials] == [[{"epoch": 0.0}]] * 2
    stages = []
    tiny.pruned(network, marked, ratios=[0.5], steps=4, step_epochs=2, max_epochs=5)
    assert stages == [*((f"pruned_{r}_on_the_way", 2) for r in (12, 25, 38)), ("pruned_50", 5)]
    assert network.body.hidden[0].out_features == 32, "the student itself is left as it was"


def test_fine_tuning_makes_up_for_what_left(tmp_path: Path) -> None:
    data = small.rows("regression")
    known = encode(data.train, data.encoding)["target"]
    taught = data.train.with_row_index(ROW).select(ROW).with_columns(soft_target_0=pl.lit(pl.Series(known)))

    def fine_tune(network: TableNetwork, stage: str, epochs: int) -> Fitted:
        recipe = small.recipe(tmp_path, soft_weight=1.0, max_epochs=epochs, patience=epochs)
        return learn(network, data.train, taught, data.validation, data.encoding, recipe)

    student = fine_tune(tiny.built("mlp", "regression", widths=[32], dropout=0.0), "student", 15).network
    before, after = (
        main_score("regression", known, predict(made["pruned_90"], encode(data.train, data.encoding)))
        for made, _ in (tiny.pruned(student, way, ratios=[0.9], max_epochs=5) for way in (tiny.untrained, fine_tune))
    )
    assert after < 0.7 * before


@pytest.mark.parametrize("architecture", ["tabm", "tabm-mini", "tabm-packed"])
def test_an_ensemble_of_raw_weights_gives_no_candidate_and_the_reason(architecture: str) -> None:
    made, (trial,) = tiny.pruned(tiny.built("tabm", "binary", architecture=architecture), ratios=[0.5])
    assert made == {}
    assert trial.not_made is not None
    assert trial.not_made.startswith(
        "nothing in TabM was pruned at ratio 0.5 with round_to 1: backbone.blocks.0.0 (Linear"
    )
    assert trial.left_whole["head (LinearEnsemble)"] == "it holds its weights in a way that torch-pruning cannot follow"
    assert trial.not_made.endswith("; prune it by members (compress.prune.members)")
    assert trial.before == trial.after


def test_a_network_that_torch_pruning_fails_on_gives_no_candidate_and_the_reason() -> None:
    made, trials = tiny.pruned(tiny.own(networks.Recurrent, "binary"), ratios=[0.25, 0.5])
    assert made == {}
    assert [trial.name for trial in trials] == ["pruned_25", "pruned_50"]
    for trial in trials:
        assert trial.not_made is not None
        assert trial.not_made.startswith("torch-pruning cannot follow Recurrent, which holds reader (GRU): ")


def test_a_ratio_that_rounds_to_nothing_gives_no_candidate_and_the_others_are_made() -> None:
    made, (small_share, half) = tiny.pruned(tiny.built("mlp", "binary"), ratios=[0.1, 0.5], round_to=8)
    assert list(made) == ["pruned_50"]
    assert half.not_made is None
    assert small_share.not_made == "nothing in Mlp was pruned at ratio 0.1 with round_to 8: set other ratios"


def test_a_network_that_fails_once_pruned_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match=r"Stubborn fails when it is pruned at ratio 0\.5: 20 units are the least"):
        tiny.pruned(tiny.own(networks.Stubborn, "binary"), ratios=[0.5])
