"""Kedro's config loader with Hydra's config groups: `kedro run --params model=mlp,trainer.devices=2`."""

from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any, cast

from click import ClickException
from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from kedro.config import MissingConfigException, OmegaConfigLoader
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import InterpolationResolutionError, OmegaConfBaseException


class ConfigError(ClickException):
    """What was declared cannot be: the message says which key, where, and what the choices are.

    On the command line the message is shown alone, without a traceback.
    """


class GroupConfigLoader(OmegaConfigLoader):
    """`OmegaConfigLoader` whose parameters are composed from Hydra config groups.

    A ``defaults`` list in ``conf/base/parameters.yaml`` names the groups, each a folder of ``.yaml``
    files. A string given for a group (``model=mlp``, at run time or in the environment's
    ``parameters.yml``) picks an option; every other item overrides one value. Run-time items may be nested,
    or flat with dotted keys (``{"model": "mlp", "model.network.dropout": 0.2}``).
    The catalog may read the composed parameters: ``${params:table.name}``, and any file the credentials:
    ``${credentials:s3.key}``. Those of ``conf/local`` count in every environment. Which keys there may be is not
    for the loader to know: `stillroom.parameters` checks that.

    Raises:
        ConfigError: no such option, or an interpolation of what is not there; the message lists the choices.

    Source: kedro#1303; Hydra's compose API.
    """

    def __init__(
        self,
        conf_source: str | Path,
        env: str | None = None,
        runtime_params: dict[str, Any] | None = None,
        **kwargs: Any,
    ):
        self._composed: dict[str, Any] | None = None
        super().__init__(conf_source, env, {}, **kwargs)
        given = flat(runtime_params or {})
        self.choices = {k: v for k, v in given.items() if isinstance(v, str) and self._is_group(k)}
        self.runtime_params = _nested({k: v for k, v in given.items() if k not in self.choices})

    def __getitem__(self, key: str) -> dict[str, Any]:
        # Resolvers are the process's, not the loader's: another loader may have put its own in place.
        OmegaConf.register_new_resolver("params", partial(self._value, "params"), replace=True)
        OmegaConf.register_new_resolver("credentials", partial(self._value, "credentials"), replace=True)
        try:
            if key != "parameters" or key in self:
                return super().__getitem__(key)
            if self._composed is None:
                self._composed = super().__getitem__(key)
        except OmegaConfBaseException as error:
            raise ConfigError(f"conf: {key}: {_first_cause(error)}") from error
        return deepcopy(self._composed)

    def _read_raw_config(self, key: str) -> tuple[dict[Path, DictConfig], dict[Path, DictConfig], str, str, set[Path]]:
        base, env, base_path, env_path, files = super()._read_raw_config(key)
        if key == "credentials" and self.env not in (None, self.base_env, self.default_run_env):
            # Secrets are this machine's, whatever runs on it.
            local = self._get_conf_env_path(self.default_run_env)
            base |= self._read_dir_configs(local, [*self.config_patterns[key]], key, files, True)
        primary = next((path for path in base if path.name == "parameters.yaml"), None)
        if key != "parameters" or primary is None or "defaults" not in base[primary]:
            return base, env, base_path, env_path, files
        composed = self._compose(base_path, env_path, {**self._take_choices(env), **self.choices})
        others = [config for path, config in base.items() if path != primary]
        # One tree before anything is resolved, so that interpolations see the environment's values.
        merged = OmegaConf.unsafe_merge(composed, *others, *env.values())
        return {primary: cast(DictConfig, merged)}, {}, base_path, env_path, files

    def _take_choices(self, env: dict[Path, DictConfig]) -> dict[str, str]:
        """Take the group choices out of an environment's parameter files, leaving the values."""
        chosen = {}
        for config in env.values():
            for name in [k for k, v in config.items() if isinstance(v, str) and self._is_group(str(k))]:
                chosen[str(name)] = config.pop(name)
        return chosen

    def _compose(self, base: str, env: str, choices: dict[str, str]) -> DictConfig:
        if self._protocol != "file":
            raise ConfigError(
                f"{self.conf_source}: config groups are read from a folder; unpack it and name the folder"
            )
        for group, option in choices.items():
            if option not in self.options(group):
                raise ConfigError(
                    f"{group}={option}: no such option; the choices of {group} are {', '.join(self.options(group))}"
                )
        overrides = (
            [f"hydra.searchpath=[{_quoted('file://' + str(Path(env).resolve()))}]"] if Path(env).is_dir() else []
        )
        overrides += [f"{group}={_quoted(option)}" for group, option in choices.items()]
        try:
            with initialize_config_dir(str(Path(base).resolve()), version_base="1.3"):
                composed = compose("parameters", overrides)
        except (HydraException, OmegaConfBaseException) as error:
            raise ConfigError(f"conf: parameters: {' '.join(str(error).split())}") from error
        OmegaConf.set_struct(composed, False)
        return composed

    def _folders(self) -> list[Path]:
        names = dict.fromkeys([self.base_env, self.env or self.default_run_env])
        return [Path(self.conf_source) / name for name in names if name]

    def _is_group(self, name: str) -> bool:
        return any((folder / name).is_dir() for folder in self._folders())

    def options(self, group: str) -> list[str]:
        """The options of a config group, of the base and the running environment."""
        return sorted({path.stem for folder in self._folders() for path in (folder / group).glob("*.yaml")})

    def _value(self, resolver: str, key: str) -> Any:
        try:
            value: Any = self["parameters" if resolver == "params" else resolver]
        except MissingConfigException:
            value = {}
        for part in key.split("."):
            if not isinstance(value, dict) or part not in value:
                choices = f"the choices here are {', '.join(value)}" if isinstance(value, dict) else "a single value"
                raise InterpolationResolutionError(f"${{{resolver}:{key}}}: there is no {part!r}; {choices}")
            value = value[part]
        return value


def _first_cause(error: BaseException) -> str:
    """The first line of what an error goes back to."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).splitlines()[0]


def _quoted(text: str) -> str:
    """A text as Hydra's override grammar takes it, whatever is in it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def flat(params: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested or dotted parameters as dotted keys; an empty dict is a value."""
    found: dict[str, Any] = {}
    for key, value in params.items():
        if isinstance(value, dict) and value:
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def _nested(flat: dict[str, Any]) -> dict[str, Any]:
    nested = OmegaConf.create({})
    for key, value in flat.items():
        OmegaConf.update(nested, key, value, force_add=True)
    return dict(OmegaConf.to_container(nested))  # type: ignore[arg-type]
