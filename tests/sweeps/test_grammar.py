"""Hydra's override grammar, as a sweep reads it."""

import pytest

from stillroom.sweeps.grammar import Choices, Numbers, parse
from stillroom.table.errors import InputError

GROUPS = {"model": ["cnn", "mlp", "mlp_small", "tabm"]}


def space(*overrides):
    return parse(overrides, lambda group: GROUPS.get(group, []))


def test_a_grid_has_every_combination_the_last_axis_fastest():
    found = space("table=wine", "model=mlp,tabm", "optimizer.lr=1e-3,1e-4").grid()

    assert found == [
        {"table": "wine", "model": model, "optimizer.lr": lr} for model in ("mlp", "tabm") for lr in (0.001, 0.0001)
    ]


@pytest.mark.parametrize(
    ("override", "values"),
    [
        ("seed=range(1,4)", [1, 2, 3]),
        ("seed=range(0,1,0.25)", [0, 0.25, 0.5, 0.75]),
        ("seed=a,null,true", ["a", None, True]),
        ("model=glob(mlp*)", ["mlp", "mlp_small"]),
        ("model=glob([*],exclude=[mlp*,cnn])", ["tabm"]),
        ("compress.prune.ratios=[0.5],[0.25,0.5]", [[0.5], [0.25, 0.5]]),
        ("name='a,b',c", ["a,b", "c"]),
    ],
)
def test_an_axis_has_the_values_that_hydra_reads(override, values):
    (axis,) = space(override).axes.values()
    assert axis.values == values


@pytest.mark.parametrize(
    ("override", "varies"),
    [
        ("lr=interval(1e-5,1e-2)", Numbers(1e-5, 1e-2)),
        ("lr=tag(log, interval(1e-5,1e-2))", Numbers(1e-5, 1e-2, log=True)),
        ("k=int(interval(2,8))", Numbers(2, 8)),
        ("k=range(2,9,2)", Numbers(2, 8, step=2)),
        ("k=2,4", Choices([2, 4])),
    ],
)
def test_an_axis_knows_between_what_a_search_may_choose(override, varies):
    (axis,) = space(override).axes.values()
    assert axis.varies == varies


def test_what_is_declared_is_checked_at_every_value_beside_the_first_of_the_others():
    found = space("a=1,2", "b=interval(0,1)", "c=9").around()

    assert found == [{"c": 9, "a": 1, "b": 0.0}, {"c": 9, "a": 2, "b": 0.0}, {"c": 9, "a": 1, "b": 1.0}]


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        (["model"], "'model' is not key=value in Hydra's grammar"),
        (["~model"], "'~model': a sweep sets values and picks options, and does nothing else"),
        (["seed=1", "seed=2,3"], "seed is given twice"),
        (["seed=range(3,3)"], "seed=range(3,3): there is no value in it"),
        (["model=glob(x*)"], "no option fits; the choices of model are cnn, mlp, mlp_small, tabm"),
        (["seed=glob(*)"], "no option fits; it is no config group"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(overrides, sentence):
    with pytest.raises(InputError) as refused:
        space(*overrides)

    assert sentence in str(refused.value)


def test_an_interval_is_no_grid():
    with pytest.raises(InputError, match="lr: an interval has no end of points; say --search optuna"):
        space("seed=1,2", "lr=interval(0,1)").grid()
