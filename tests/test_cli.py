"""The project's own commands: groups in `--params`, the list of versions, the way back."""

import json

import click
import pytest

from stillroom import cli
from stillroom.cli import split_params
from stillroom.datasets.bento import UNSIGNED, Release, save_model
from stillroom.integrity.keys import make_keys
from stillroom.integrity.settings import SigningConfig


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("model=mlp,model.network.dropout=0.2", {"model": "mlp", "model.network.dropout": 0.2}),
        ("optimizer.lr=1e-3", {"optimizer.lr": 0.001}),
        ("trainer.resume=true, trainer.threads=null", {"trainer.resume": True, "trainer.threads": None}),
        ("a=[0.25,0.5],b={c: 1, d: [2,3]},e=x", {"a": [0.25, 0.5], "b": {"c": 1, "d": [2, 3]}, "e": "x"}),
        ("", {}),
    ],
)
def test_a_group_choice_and_values_of_the_group_both_survive(text: str, params: dict[str, object]) -> None:
    assert split_params(click.Context(click.Command("run")), None, text) == params


def test_an_item_without_a_value_is_refused() -> None:
    with pytest.raises(click.BadParameter, match="'model' is not key=value"):
        split_params(click.Context(click.Command("run")), None, "model")


def test_models_says_so_when_nothing_was_released(project) -> None:
    answer = project.invoke(cli.models, "--params", "table=wine")
    assert "no version of stillroom_wine yet: kedro run makes one" in answer.output


def test_rollback_refuses_where_there_is_no_champion_before(project) -> None:
    answer = project.invoke(cli.rollback, "--params", "table=wine")
    assert answer.exit_code == 1
    assert "Error: there is no champion before this one to roll back to" in answer.output


def test_keys_are_made_once(project) -> None:
    made = project.invoke(cli.keys)
    assert "conf/local/keys/private.pem signs" in made.output
    assert (project.path / "conf/local/keys/public.pem").read_text().startswith("-----BEGIN PUBLIC KEY-----")

    again = project.invoke(cli.keys)
    assert again.exit_code == 1
    assert "Error: conf/local/keys/private.pem is there already" in again.output


def signature(line: str) -> str:
    return line.split()[-6]


def test_models_tells_whose_signature_fits(project) -> None:
    known = {"metrics": {"accuracy": 0.5}, "candidate": "student", "size_kb": 9}
    ours, others = (
        SigningConfig(private_key=private, public_key=public)
        for private, public in (make_keys(project.path / name) for name in ("ours", "others"))
    )
    for signing in (UNSIGNED, ours, others):
        save_model("stillroom_wine", Release(b"onnx", known), signing)

    def listed(params: str) -> list[str]:
        lines = project.invoke(cli.models, "--params", params).output.splitlines()
        return [signature(line) for line in lines if line.startswith("stillroom_wine:")]

    keys = "release.signing.private_key=ours/private.pem,release.signing.public_key=ours/public.pem"
    assert listed("table=wine") == ["signed", "signed", "unsigned"]
    assert listed(f"table=wine,{keys}") == ["refused", "verified", "unsigned"]


@pytest.mark.slow
def test_rollback_brings_the_champion_before_back(project) -> None:
    quick = "table=radii,experiment=quick"
    table = project.path / "conf/base/table"
    (table / "radii.yaml").write_text(
        "name: radii\nsource: breast_cancer\ntask: binary\ntarget: target\n"
        "split: {kind: random, seed: 1, validation: 0.2, test: 0.2, live: 0.1}\n"
        "numeric: [mean_radius, mean_texture, mean_smoothness, mean_symmetry]\n"
    )
    first = project.run("--params", quick)
    assert first.exit_code == 0, first.output
    better = f"{quick},trainer.max_epochs=60,trainer.batch_size=32,trainer.patience=60"
    better += ",compress.student.max_epochs=60,compress.student.batch_size=32,compress.student.patience=60"
    second = project.run("--params", better)
    assert second.exit_code == 0, second.output
    record = project.path / "data/06_models/radii/champion.json"
    promoted = json.loads(record.read_text())
    assert len(promoted["before"]) == 1

    listed = project.invoke(cli.models, "--params", "table=radii").output
    champions = [line for line in listed.splitlines() if line.startswith("stillroom_") and " champion " in line]
    assert [line.split()[0] for line in champions] == [promoted["tag"]]
    assert "roc_auc 0." in champions[0]

    answer = project.invoke(cli.rollback, "--params", "table=radii")
    assert f"champion: {promoted['before'][0]} (was {promoted['tag']})" in answer.output
    assert json.loads(record.read_text()) == {"tag": promoted["before"][0], "before": []}
