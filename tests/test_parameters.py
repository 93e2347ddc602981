"""What may be declared: a wrong key or value is refused by name, with the choices, before anything runs."""

from pathlib import Path

import pytest

from stillroom.config import ConfigError, GroupConfigLoader
from stillroom.parameters import check_parameters

CONF = Path(__file__).parents[1] / "conf"


def declared(**runtime_params):
    return GroupConfigLoader(CONF, runtime_params=runtime_params, base_env="base", default_run_env="base")["parameters"]


@pytest.fixture(scope="module")
def defaults():
    return declared()


def changed(parameters, dotted, value):
    *path, last = dotted.split(".")
    copy = inner = dict(parameters)
    for part in path:
        inner[part] = dict(inner[part])
        inner = inner[part]
    inner[last] = value
    return copy


def refusal(parameters):
    with pytest.raises(ConfigError) as refused:
        check_parameters(parameters)
    return refused.value.message


GROUPS = {
    group.name: sorted(file.stem for file in group.glob("*.yaml"))
    for group in (CONF / "base").iterdir()
    if group.is_dir()
}


@pytest.mark.parametrize(("group", "option"), [(group, option) for group in GROUPS for option in GROUPS[group]])
def test_every_option_of_every_group_is_sound(group, option):
    asked_for = {"model": "model.network._target_", "student": "compress.student.network._target_"}
    named = {asked_for[group]: "torch.nn.Linear"} if option == "own" else {}
    named |= {"trainer.rendezvous": "alpha:29400"} if option == "multinode" else {}
    assert check_parameters(declared(**{group: option}, **named))


@pytest.mark.parametrize("preset", [{}, {"experiment": "quick"}])
@pytest.mark.parametrize(
    ("model", "teacher"),
    [("tabm", "trees"), ("mlp", "trees"), *((name, "model") for name in ("trees", "sklearn", "onnx", "ensemble"))],
)
def test_a_declared_teacher_that_is_no_network_teaches_the_student(model, teacher, preset):
    assert check_parameters(declared(model=model, **preset)).compress.out_of_fold.teachers == [teacher]


def test_a_group_may_be_switched_off():
    parameters = check_parameters(declared(logger=None, scheduler=None, experiment=None))

    assert (parameters.logger, parameters.scheduler) == (None, None)


@pytest.mark.parametrize(
    ("key", "choices"),
    [
        ("sede", "seed, table, encoding, model"),
        ("trainer.device", "accelerator, devices, precision"),
        ("table.targets", "name, source, prepare, task, target"),
        ("table.split.tests", "kind, validation, test, live"),
        ("table.redundancy.constants", "constant, duplicate, max_missing, max_correlation"),
        ("model.networks", "network, trees, estimator, onnx, ensemble"),
        ("compress.student.widht", "network, optimizer, scheduler"),
        ("release.yardstick.leaves", "num_leaves, learning_rate"),
        ("release.gate.sample", "samples, confidence, seed"),
        ("budget.max_size_mb", "max_size_kb, max_latency_us"),
        ("monitor.window", "window_days, quality_days"),
        ("score.rows", "source, keep, batch_rows, providers, progress"),
    ],
)
def test_an_unknown_key_is_refused_with_the_choices(defaults, key, choices):
    message = refusal(changed(defaults, key, 1))

    assert message.startswith(f"parameters: {key}: no such key; the choices are ")
    assert set(choices.split(", ")) <= set(message.split("choices are ")[1].split(", "))


@pytest.mark.parametrize(
    ("key", "kind", "choices"),
    [("table.split.months", "random", {"seed", "validation"}), ("table.split.seed", "time", {"validation", "live"})],
)
def test_the_choices_of_a_split_are_those_of_its_kind(key, kind, choices):
    parameters = declared(table={"time": "flights", "random": "wine"}[kind])
    message = refusal(changed(parameters, key, 3))

    assert message.startswith(f"parameters: {key}: no such key; the choices are kind, ")
    assert choices < set(message.split("choices are ")[1].split(", "))


@pytest.mark.parametrize(
    ("key", "value", "wrong"),
    [
        ("seed", "twelve", "valid integer, unable to parse string as an integer (found 'twelve')"),
        ("trainer.devices", 0, "greater than 0 (found 0)"),
        ("trainer.accelerator", "tpu", "'cpu', 'gpu' or 'auto' (found 'tpu')"),
        ("table.task", "ranking", "'binary', 'multiclass' or 'regression' (found 'ranking')"),
        ("table.split.test", "soon", "valid date"),
        ("budget.optimise", "beauty", "'quality', 'latency', 'batch_latency', 'size' or 'cost'"),
        ("model", 3, "(found 3)"),
        ("compress.prune.importance", "loud", "'taylor' or 'random' (found 'loud')"),
        ("compress.prune.importance", {"_target_": "shop.Loud"}, "'shop.Loud' cannot be imported"),
        ("score.batch_rows", 0, "greater than 0 (found 0)"),
        ("score.providers", ["GPU"], "'GPU' is no execution provider of ONNX Runtime; choose among "),
        ("table.numeric", {"distance": 1}, "valid list"),
    ],
)
def test_a_wrong_value_is_refused_with_what_it_should_be(defaults, key, value, wrong):
    message = refusal(changed(defaults, key, value))

    assert message.startswith(f"parameters: {key}: ")
    assert wrong in message


@pytest.mark.parametrize(
    ("table", "changes", "wrong"),
    [
        ("diabetes", {"compress.student.temperature": 2}, "a regression has no temperature: set compress.student.temp"),
        ("flights", {"compress.out_of_fold.by": "group"}, "out_of_fold.by is group, but the table flights declares no"),
        ("wine", {"compress.out_of_fold.by": "time"}, "out_of_fold.by is time, but the table wine declares no `time`"),
    ],
)
def test_what_does_not_go_with_the_table_is_refused(table, changes, wrong):
    message = refusal(declared(table=table, **changes))

    assert message.startswith(f"parameters: compress: {wrong}")


@pytest.mark.parametrize("experiment", ["small", "quick"])
@pytest.mark.parametrize("model", ["trees", "sklearn", "onnx", "ensemble"])
def test_a_preset_takes_a_teacher_of_any_kind(model, experiment):
    assert check_parameters(declared(model=model, experiment=experiment))


def test_two_kinds_of_teacher_at_once_are_refused():
    message = refusal(declared(model="trees", **{"model.onnx": "teacher.onnx"}))

    choices = "network, trees, estimator, onnx, ensemble"
    assert message == f"parameters: model: declare one of {choices}; found trees and onnx"


def test_a_key_that_is_needed_is_asked_for(defaults):
    without = {key: value for key, value in defaults.items() if key != "budget"}

    assert refusal(without) == "parameters: budget: this key is needed"


def test_prices_are_declared_once_for_every_budget():
    parameters = check_parameters(declared(budget="edge", **{"cost.cpu_hour": 0.5, "cost.currency": "EUR"}))

    assert parameters.cost.cpu_hour == 0.5
    assert parameters.budget.cost == parameters.release.edge.cost == parameters.cost


def test_an_argument_that_the_class_does_not_take_is_refused(defaults):
    message = refusal(changed(defaults, "optimizer.learning_rate", 0.1))

    assert message.startswith(
        "parameters: optimizer: torch.optim.AdamW takes no learning_rate; the choices are params, lr"
    )


def test_a_class_that_is_not_there_is_refused(defaults):
    message = refusal(changed(defaults, "optimizer._target_", "torch.optim.Adamw"))

    assert message.startswith("parameters: optimizer: _target_ 'torch.optim.Adamw' cannot be imported")


def test_every_problem_gets_a_line_of_its_own(defaults):
    message = refusal(changed(changed(defaults, "seed", "x"), "trainer.devices", 0))

    assert [line.split(": ")[1] for line in message.splitlines()] == ["seed", "trainer.devices"]


def test_an_optional_argument_that_no_file_mentions_may_be_given():
    parameters = check_parameters(declared(**{"optimizer.amsgrad": True, "monitor.psi": 0.2}))

    assert parameters.optimizer.model_extra["amsgrad"] is True
    assert parameters.monitor.psi == 0.2
