"""Kedro's config loader with Hydra's config groups: `kedro run --params model=mlp,trainer.devices=2`."""

from pathlib import Path
from typing import Any

from click import ClickException
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from kedro.config import OmegaConfigLoader
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException


class ConfigError(ClickException):
    """What was declared cannot be: the message says which key, where, and what the choices are.

    On the command line the message is shown alone, without a traceback.
    """


class GroupConfigLoader(OmegaConfigLoader):
    """`OmegaConfigLoader` whose parameters are composed from Hydra config groups.

    A ``defaults`` list in ``conf/base/parameters.yaml`` names the groups, each a folder of ``.yaml``
    files. A string given for a group (``model=mlp``, at run time or in the environment's
    ``parameters.yml``) picks an option; every other item overrides one value, and its key must exist.
    The catalog may read the composed parameters: ``${params:table.name}``.

    Raises:
        ConfigError: no such option or key; the message lists those there are.

    Source: kedro#1303; Hydra's compose API.
    """

    def __init__(self, conf_source: str | Path, *args: Any, runtime_params: dict[str, Any] | None = None, **kwargs: Any):
        self._composed: dict[str, Any] | None = None
        super().__init__(conf_source, *args, runtime_params={}, **kwargs)
        given = _flat(runtime_params or {})
        self.choices = {k: v for k, v in given.items() if isinstance(v, str) and self._is_group(k)}
        self._values = {k: v for k, v in given.items() if k not in self.choices}
        self.runtime_params = _nested(self._values)
        OmegaConf.register_new_resolver("params", self._parameter, replace=True)

    def __getitem__(self, key: str) -> dict[str, Any]:
        if key != "parameters":
            return super().__getitem__(key)
        if self._composed is None:
            self._composed = super().__getitem__(key)
        return self._composed

    def _read_raw_config(
        self, key: str
    ) -> tuple[dict[Path, DictConfig], dict[Path, DictConfig], str, str, set[Path]]:
        base, env, base_path, env_path, files = super()._read_raw_config(key)
        primary = next((path for path in base if path.name == "parameters.yaml"), None)
        if key == "parameters" and primary is not None and "defaults" in base[primary]:
            choices = {**self._take_choices(env), **self.choices}
            base[primary] = self._compose(Path(base_path), Path(env_path), choices)
            self._check_keys(OmegaConf.merge(*base.values(), *env.values()))
        return base, env, base_path, env_path, files

    def _take_choices(self, env: dict[Path, DictConfig]) -> dict[str, str]:
        """Take the group choices out of an environment's parameter files, leaving the values."""
        chosen = {}
        for config in env.values():
            for name in [k for k, v in config.items() if isinstance(v, str) and self._is_group(str(k))]:
                chosen[str(name)] = config.pop(name)
        return chosen

    def _compose(self, base: Path, env: Path, choices: dict[str, str]) -> DictConfig:
        overrides = [f"hydra.searchpath=[{env.resolve().as_uri()}]"] if env.is_dir() else []
        overrides += [f"{group}={option}" for group, option in choices.items()]
        try:
            with initialize_config_dir(str(base.resolve()), version_base="1.3"):
                return compose("parameters", overrides)
        except (HydraException, OmegaConfBaseException) as error:
            raise ConfigError(self._explain(error, choices)) from error

    def _explain(self, error: Exception, choices: dict[str, str]) -> str:
        for group, option in choices.items():
            if option not in self.options(group):
                return f"{group}={option}: no such option; the choices of {group} are {', '.join(self.options(group))}"
        return " ".join(str(error).split())

    def _check_keys(self, composed: DictConfig) -> None:
        """Refuse a run-time key that nothing declares (a typo would otherwise be silent)."""
        for dotted in self._values:
            node: Any = composed
            for depth, part in enumerate(dotted.split(".")):
                if not OmegaConf.is_dict(node) or part not in node:
                    where = ".".join(dotted.split(".")[:depth]) or "conf"
                    known = sorted(map(str, node)) if OmegaConf.is_dict(node) else []
                    raise ConfigError(
                        f"--params {dotted}: {where} has no key {part!r}; "
                        + (f"the choices are {', '.join(known)}" if known else "it is a single value")
                    )
                node = node[part]

    def _folders(self) -> list[Path]:
        names = dict.fromkeys([self.base_env, self.env or self.default_run_env])
        return [Path(self.conf_source) / name for name in names if name]

    def _is_group(self, name: str) -> bool:
        return any((folder / name).is_dir() for folder in self._folders())

    def options(self, group: str) -> list[str]:
        """The options of a config group, of the base and the running environment."""
        return sorted({path.stem for folder in self._folders() for path in (folder / group).glob("*.yaml")})

    def _parameter(self, key: str) -> Any:
        value = OmegaConf.select(OmegaConf.create(self["parameters"]), key)
        if value is None:
            raise ConfigError(f"${{params:{key}}} in the catalog: no such parameter")
        return value


def _flat(params: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested or dotted parameters as dotted keys; an empty or non-string-keyed dict is a value."""
    flat: dict[str, Any] = {}
    for key, value in params.items():
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    nested = OmegaConf.create({})
    for key, value in flat.items():
        OmegaConf.update(nested, key, value, force_add=True)
    return dict(OmegaConf.to_container(nested))  # type: ignore[arg-type]
