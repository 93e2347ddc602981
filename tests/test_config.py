"""Config groups: which option is chosen, which value wins, and what is said when there is no such thing."""

import inspect

import pytest
from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf

from stillroom.config import ConfigError, GroupConfigLoader

FILES = {
    "base/parameters.yaml": "defaults: [{model: small}, {optimizer: adam}, _self_, {experiment: null}]\nseed: 1\n",
    "base/model/small.yaml": "width: 8\ndropout: 0.0\n",
    "base/model/large.yaml": "width: 64\ndropout: 0.1\n",
    "base/optimizer/adam.yaml": "lr: 0.01\nwarm_up: ${optimizer.lr}\n",
    "base/experiment/thorough.yaml": "# @package _global_\ndefaults: [{override /model: large}]\nseed: 2\n",
    "base/parameters_own.yml": "own: {depth: 3}\n",
    "base/catalog.yml": "scores: {type: MemoryDataset, metadata: {width: '${params:model.width}'}}\n",
    "local/.gitkeep": "",
}


@pytest.fixture
def conf(tmp_path):
    """Builds a conf folder of `FILES`, some of them replaced or added."""

    def build(**files):
        for name, text in (FILES | files).items():
            file = tmp_path / "conf" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path / "conf"

    return build


def loader(conf, env=None, **runtime_params):
    return GroupConfigLoader(conf, env=env, runtime_params=runtime_params, base_env="base", default_run_env="local")


def parameters(conf, env=None, **runtime_params):
    return loader(conf, env, **runtime_params)["parameters"]


def test_without_a_choice_the_defaults_list_chooses(conf):
    assert parameters(conf())["model"] == {"width": 8, "dropout": 0.0}


def test_a_string_given_for_a_group_picks_an_option(conf):
    assert parameters(conf(), model="large")["model"] == {"width": 64, "dropout": 0.1}


def test_anything_else_overrides_a_value(conf):
    assert parameters(conf(), model={"width": 9}, seed=5) == {
        "model": {"width": 9, "dropout": 0.0},
        "optimizer": {"lr": 0.01, "warm_up": 0.01},
        "seed": 5,
        "own": {"depth": 3},
    }


def test_one_run_may_pick_an_option_and_override_one_of_its_values(conf):
    chosen = parameters(conf(), **{"model": "large", "model.dropout": 0.5})

    assert chosen["model"] == {"width": 64, "dropout": 0.5}


def test_an_overridden_value_reaches_what_refers_to_it(conf):
    assert parameters(conf(), **{"optimizer.lr": 0.5})["optimizer"] == {"lr": 0.5, "warm_up": 0.5}


def test_a_preset_sets_several_things_and_leaves_no_key_of_its_own(conf):
    preset = parameters(conf(), experiment="thorough")

    assert (preset["model"]["width"], preset["seed"]) == (64, 2)
    assert "experiment" not in preset


def test_what_is_given_by_hand_beats_the_preset(conf):
    chosen = parameters(conf(), experiment="thorough", model="small", seed=3)

    assert (chosen["model"]["width"], chosen["seed"]) == (8, 3)


def test_an_environment_adds_options(conf):
    folder = conf(**{"local/model/huge.yaml": "width: 512\ndropout: 0.2\n"})

    assert parameters(folder, model="huge")["model"]["width"] == 512
    assert loader(folder).options("model") == ["huge", "large", "small"]


def test_an_environment_s_options_are_found_under_an_awkward_path(conf, tmp_path):
    conf(**{"local/model/huge.yaml": "width: 512\ndropout: 0.2\n"})
    folder = (tmp_path / "conf").rename(tmp_path / "it's a folder, = %20")

    assert parameters(folder, model="huge")["model"]["width"] == 512


def test_an_environment_overrides_values_and_what_refers_to_them_follows(conf):
    folder = conf(**{"local/parameters.yml": "optimizer: {lr: 0.3}\nseed: 9\n"})

    assert parameters(folder)["optimizer"] == {"lr": 0.3, "warm_up": 0.3}
    assert parameters(folder)["seed"] == 9


def test_an_environment_picks_options_and_a_run_picks_over_it(conf):
    folder = conf(**{"gpu/parameters.yml": "model: large\n"})

    assert parameters(folder)["model"]["width"] == 8
    assert parameters(folder, env="gpu")["model"]["width"] == 64
    assert parameters(folder, env="gpu", model="small")["model"]["width"] == 8


@pytest.mark.parametrize("option", ["lrage", "large ", "a,b", "../optimizer/adam", "it's"])
def test_an_option_that_is_not_there_is_refused_with_the_choices(conf, option):
    with pytest.raises(ConfigError) as refusal:
        parameters(conf(), model=option)

    assert refusal.value.message == f"model={option}: no such option; the choices of model are large, small"


def test_an_environment_s_wrong_choice_is_refused_too(conf):
    with pytest.raises(ConfigError, match="model=medium: no such option; the choices of model are large, small"):
        parameters(conf(**{"local/parameters.yml": "model: medium\n"}))


def test_a_reference_to_nothing_is_refused(conf):
    with pytest.raises(ConfigError, match=r"Interpolation key 'optimizer.rate' not found"):
        parameters(conf(**{"base/optimizer/adam.yaml": "lr: ${optimizer.rate}\n"}))


def test_an_archive_of_conf_is_refused_because_groups_are_folders(conf, tmp_path):
    import tarfile

    archive = tmp_path / "conf.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(conf(), arcname="conf")

    with pytest.raises(ConfigError, match="unpack it and name the folder"):
        parameters(archive)


def test_the_catalog_reads_the_composed_parameters(conf):
    assert loader(conf(), model="large")["catalog"]["scores"]["metadata"] == {"width": 64}


def test_a_catalog_that_asks_for_no_parameter_there_is_gets_told(conf):
    folder = conf(**{"base/catalog.yml": "scores: {type: MemoryDataset, metadata: '${params:model.widht}'}\n"})

    with pytest.raises(
        ConfigError, match=r"\$\{params:model.widht\}: there is no 'widht'; the choices here are width, dr"
    ):
        loader(folder)["catalog"]


def test_a_file_reads_the_credentials_and_those_of_local_count_in_every_environment(conf):
    folder = conf(
        **{
            "local/credentials.yml": "s3: {key: mine}\nother: {key: mine}\n",
            "cluster/credentials.yml": "other: {key: its}\n",
            "cluster/catalog.yml": "scores: {metadata: '${credentials:s3.key} ${credentials:other.key}'}\n",
        }
    )

    assert loader(folder, "cluster")["credentials"] == {"s3": {"key": "mine"}, "other": {"key": "its"}}
    assert loader(folder, "cluster")["catalog"]["scores"]["metadata"] == "mine its"


def test_credentials_that_are_not_there_are_told(conf):
    folder = conf(**{"local/catalog.yml": "scores: {metadata: '${credentials:s3.key}'}\n"})

    with pytest.raises(ConfigError, match=r"\$\{credentials:s3.key\}: there is no 's3'"):
        loader(folder)["catalog"]


def test_two_loaders_of_one_process_do_not_read_each_other_s_parameters(conf):
    folder = conf()
    small, large = loader(folder), loader(folder, model="large")

    assert small["catalog"]["scores"]["metadata"] == {"width": 8}
    assert large["catalog"]["scores"]["metadata"] == {"width": 64}


def test_who_changes_loaded_parameters_changes_only_a_copy(conf):
    config = loader(conf())
    config["parameters"]["model"]["width"] = 0

    assert config["parameters"]["model"]["width"] == 8


def test_without_a_defaults_list_it_is_kedro_s_own_loader(conf):
    folder = conf(**{"base/parameters.yaml": "seed: 1\n"})
    options = {"base_env": "base", "default_run_env": "local", "runtime_params": {"seed": 4}}

    assert GroupConfigLoader(folder, **options)["parameters"] == OmegaConfigLoader(folder, **options)["parameters"]


def test_kedro_still_has_the_private_method_that_is_overridden():
    read = OmegaConfigLoader._read_raw_config

    assert list(inspect.signature(read).parameters) == ["self", "key"]
    assert str(inspect.signature(read).return_annotation) == (
        "tuple[dict[Path, DictConfig], dict[Path, DictConfig], str, str, set[Path]]"
    )
    assert "self._read_raw_config(key)" in inspect.getsource(OmegaConfigLoader.__getitem__)


def test_kedro_still_merges_the_environment_after_the_base(conf):
    """`_read_raw_config` hands everything over as the base; an empty environment must change nothing."""
    folder = conf()
    config = loader(folder)
    base, env, *_ = config._read_raw_config("parameters")

    assert env == {}
    assert [OmegaConf.to_container(tree, resolve=True) for tree in base.values()] == [config["parameters"]]
