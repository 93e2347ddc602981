import numpy as np
import pytest
import torch

from stillroom.compression.export import export
from stillroom.compression.gate import check_export
from stillroom.compression.prune import prune
from stillroom.table.encoding import encode, feeds
from stillroom.table.signature import Signature
from stillroom.training.fit import build_network, predict
from table.tables import inputs
from training import small

WIDE = {"widths": [32, 32]}


def units(network: torch.nn.Module) -> list[int]:
    return [m.out_features for m in network.body.hidden if isinstance(m, torch.nn.Linear)]


@pytest.mark.parametrize(("ratio", "left"), [(0.25, 24), (0.5, 16), (0.75, 8)])
@pytest.mark.parametrize("task", small.TASKS)
def test_hidden_units_leave_and_the_answers_keep_their_shape(task: str, ratio: float, left: int) -> None:
    encoding = small.encoding(task)
    network = build_network(small.model(**WIDE), encoding, seed=1)
    pruned = prune(network, encoding, ratio, round_to=8)
    assert units(pruned) == [left, left]
    assert units(network) == [32, 32]
    assert pruned.body.head.out_features == encoding.target.outputs
    assert predict(pruned, encode(small.table(task).lazy(), encoding)).shape[0] == 400


def test_the_units_of_least_weight_leave() -> None:
    encoding = small.encoding("binary")
    network = build_network(small.model(widths=[32]), encoding, seed=1)
    with torch.no_grad():
        network.body.hidden[0].weight[::2] = 0
        network.body.hidden[0].bias[::2] = 0
        network.body.head.weight[:, ::2] = 0
    encoded = encode(small.table("binary").lazy(), encoding)
    pruned = prune(network, encoding, 0.5, round_to=1)
    np.testing.assert_allclose(predict(pruned, encoded), predict(network, encoded), atol=1e-6)


def test_a_pruned_network_is_a_smaller_file_that_passes_the_gate() -> None:
    encoding = small.encoding("multiclass")
    network = build_network(small.model(**WIDE), encoding, seed=1)
    pruned = prune(network, encoding, 0.5, round_to=8)
    columns = {"inputs": inputs(small.NUMERIC, small.CATEGORICAL)}
    signature = Signature(table="small", task="multiclass", target="target", **columns)
    sizes = [len(export(n, encoding, signature).SerializeToString()) for n in (network, pruned)]
    assert sizes[1] < 0.8 * sizes[0]
    rows = small.table("multiclass", 60)
    expected = predict(pruned, encode(rows.lazy(), encoding))
    check_export("pruned", export(pruned, encoding, signature), feeds(rows, encoding), expected, 1e-4)


def test_a_transformer_loses_units_and_still_answers() -> None:
    encoding = small.encoding("binary")
    network = build_network(small.model("ft_transformer"), encoding, seed=1)
    pruned = prune(network, encoding, 0.5, round_to=1)
    assert sum(p.numel() for p in pruned.parameters()) < 0.9 * sum(p.numel() for p in network.parameters())
    assert np.isfinite(predict(pruned, encode(small.table("binary").lazy(), encoding))).all()


def test_an_ensemble_of_shared_weights_is_refused_by_name() -> None:
    encoding = small.encoding("binary")
    network = build_network(small.model("tabm"), encoding, seed=1)
    with pytest.raises(ValueError, match=r"nothing in TabM was pruned at ratio 0.5 with round_to 1"):
        prune(network, encoding, 0.5, round_to=1)


def test_where_nothing_leaves_the_reason_is_told() -> None:
    encoding = small.encoding("binary")
    network = build_network(small.model(widths=[8]), encoding, seed=1)
    with pytest.raises(ValueError, match=r"nothing in Mlp was pruned at ratio 0.1 with round_to 8"):
        prune(network, encoding, 0.1, round_to=8)
