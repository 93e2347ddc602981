import numpy as np
import pytest
import torch

from stillroom.models.network import example_inputs
from stillroom.table.encoding import Encoding, encode
from stillroom.training.fit import build_network
from training import small

COLUMNS = {
    "both": (small.NUMERIC, small.CATEGORICAL),
    "numeric only": (small.NUMERIC, []),
    "categorical only": ([], small.CATEGORICAL),
    "no flags": (["year"], ["room"]),
}


def scores_and_answers(name: str, encoding: Encoding, task: str) -> tuple[torch.Tensor, torch.Tensor]:
    network = build_network(small.model(name), encoding, seed=0).eval()
    encoded = encode(small.table(task, 9).lazy(), encoding)
    inputs = {kind: torch.from_numpy(array) for kind, array in encoded.inputs.items()}
    with torch.inference_mode():
        return network.scores(inputs), network(inputs)


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("name", small.NETWORKS)
def test_every_network_answers_every_mix_of_columns(name: str, columns: str) -> None:
    encoding = small.encoding("multiclass", *COLUMNS[columns])
    scores, answers = scores_and_answers(name, encoding, "multiclass")
    assert scores.shape == ((9, 4, 3) if name == "tabm" else (9, 3))
    assert answers.shape == (9, 3)
    assert torch.isfinite(answers).all()


@pytest.mark.parametrize("name", ["mlp", "tabm"])
def test_answers_are_probabilities_or_values_averaged_over_the_members(name: str) -> None:
    for task in small.TASKS:
        encoding = small.encoding(task)
        scores, answers = scores_and_answers(name, encoding, task)
        raw = scores.numpy() if scores.dim() == 3 else scores.numpy()[:, None]
        if task == "multiclass":
            expected = (np.exp(raw) / np.exp(raw).sum(-1, keepdims=True)).mean(1)
        elif task == "binary":
            expected = (1 / (1 + np.exp(-raw[..., 0]))).mean(1)
        else:
            expected = (raw[..., 0] * encoding.target.scale + encoding.target.mean).mean(1)
        np.testing.assert_allclose(answers.numpy(), expected, rtol=1e-5)


def test_the_members_of_an_ensemble_differ() -> None:
    scores, _ = scores_and_answers("tabm", small.encoding("binary"), "binary")
    assert scores.std(dim=1).min() > 1e-3


@pytest.mark.parametrize("architecture", ["tabm", "tabm-mini", "tabm-packed"])
def test_tabm_knows_the_architectures_of_its_package(architecture: str) -> None:
    encoding = small.encoding("binary")
    network = build_network(small.model("tabm", architecture=architecture), encoding, seed=0)
    assert network.scores(example_inputs(encoding, 2)).shape == (2, 4, 1)


def test_the_seed_decides_the_first_weights() -> None:
    encoding = small.encoding("binary")
    first, again, other = (build_network(small.model(), encoding, seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert not torch.equal(first["body.head.weight"], other["body.head.weight"])


def test_missing_values_are_told_from_the_mean_only_where_training_rows_missed_some() -> None:
    encoding = small.encoding("regression")
    assert [c.flag for c in encoding.numeric] == [True, False, False]
    network = build_network(small.model(), encoding, seed=0).eval()
    height = encoding.numeric[0].mean
    numeric = torch.tensor([[float("nan"), 2011, 1], [height, 2011, 1]])
    missing, mean = network({"numeric": numeric, "categorical": torch.zeros(2, 2, dtype=torch.int64)}).tolist()
    assert abs(missing - mean) > 1e-3
