"""Optuna's search over a function of two parameters that costs nothing."""

import pytest

from stillroom.sweeps.grammar import parse
from stillroom.sweeps.metrics import Metric
from stillroom.sweeps.optuna_search import OptunaSearch
from stillroom.sweeps.point import Point
from stillroom.sweeps.settings import SweepConfig
from stillroom.table.errors import InputError

LOSS, SIZE = Metric("fit", "loss", "minimize"), Metric("fit", "size", "minimize")
SPACE = parse(["table=wine", "x=interval(0,1)", "widths=[8],[16,16]", "k=range(1,9,2)"], lambda _: [])
TPE = {"_target_": "optuna.samplers.TPESampler", "seed": 1}
MEDIAN = {"_target_": "optuna.pruners.MedianPruner", "n_startup_trials": 2, "n_warmup_steps": 0}


def search(folder, trials=10, metrics=(LOSS,), space=SPACE, **config):
    declared = {"metrics": ["fit.loss"], "pipelines": [], "sampler": TPE, "folder": folder, "cache": folder}
    return OptunaSearch(
        folder / "study.db", space, list(metrics), SweepConfig.model_validate(declared | {"trials": trials} | config)
    )


def tried(number, params, follow):
    loss = (params["x"] - 0.3) ** 2 + len(params["widths"])
    return Point(number=number, params=params, outcome="done", figures={"fit.loss": loss, "fit.size": params["k"]})


def test_points_lie_in_the_space_and_get_better(tmp_path):
    points = list(search(tmp_path, 15).run(tried))

    assert all(0 <= point.params["x"] <= 1 and point.params["k"] in (1, 3, 5, 7) for point in points)
    assert all(point.params["widths"] in ([8], [16, 16]) and point.params["table"] == "wine" for point in points)
    assert min(point.figures["fit.loss"] for point in points) < 1.1


def test_the_same_study_goes_on_and_what_it_was_at_comes_first(tmp_path):
    asked = []

    def killed(number, params, follow):
        asked.append(params)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return tried(number, params, follow)

    with pytest.raises(KeyboardInterrupt):
        list(search(tmp_path, 5).run(killed))
    again = search(tmp_path, 5)
    kept = again.points
    new = list(again.run(tried))

    assert [point.params for point in kept] == asked[:2]
    assert new[0].params == asked[2]
    assert len(kept) + len(new) == 5
    assert list(search(tmp_path, 5).run(tried)) == []


def test_points_that_fail_count_and_the_search_goes_on(tmp_path):
    def fails(number, params, follow):
        return Point(number=number, params=params, outcome="failed", reason="out of budget")

    assert [point.outcome for point in search(tmp_path, 3).run(fails)] == ["failed"] * 3


def test_a_fit_that_falls_behind_is_ended(tmp_path):
    ended = []

    def learns(number, params, follow):
        slow = number >= 3
        for epoch in range(4):
            if follow("teacher", epoch, {"train_loss": 0.0, "validation_log_loss": 5.0 if slow else 1.0}):
                ended.append((number, epoch))
                return Point(number=number, params=params, outcome="pruned")
        return tried(number, params, follow)

    list(search(tmp_path, 5, pruner=MEDIAN).run(learns))

    assert ended == [(3, 0), (4, 0)]


def test_other_fits_than_the_teacher_s_are_let_be(tmp_path):
    def learns(number, params, follow):
        assert not any(follow("student", epoch, {"validation_log_loss": 9.0}) for epoch in range(5))
        return tried(number, params, follow)

    assert len(list(search(tmp_path, 6, pruner=MEDIAN).run(learns))) == 6


def test_several_metrics_are_searched_at_once_and_cannot_be_pruned_by(tmp_path):
    sampler = {"_target_": "optuna.samplers.NSGAIISampler", "seed": 1, "population_size": 4}

    points = list(search(tmp_path, 6, metrics=(LOSS, SIZE), sampler=sampler).run(tried))

    assert len(points) == 6
    with pytest.raises(InputError, match="Optuna prunes by a single metric; say sweep"):
        search(tmp_path / "other", metrics=(LOSS, SIZE), pruner=MEDIAN)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"sampler": {"_target_": "optuna.samplers.TPESampler", "sed": 1}}, "TPESampler takes no sed; the choices are"),
        ({"pruner": {"_target_": "optuna.pruners.PercentilePruner", "percentile": 200}}, "Percentile must be between"),
        ({"space": parse(["x=tag(log, interval(-1,1))"], lambda _: [])}, "-1 to 1: "),
    ],
)
def test_what_optuna_cannot_do_is_told_before_the_first_point(tmp_path, config, sentence):
    with pytest.raises(InputError, match=sentence):
        search(tmp_path, **config)
