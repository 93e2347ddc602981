"""All that `conf` may declare as parameters, in one model: a typo fails before the first node."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from stillroom.compression.settings import BudgetConfig, CompressConfig, ReleaseConfig
from stillroom.config import ConfigError
from stillroom.monitoring.settings import MonitorConfig
from stillroom.table.settings import EncodingConfig
from stillroom.table.spec import TableSpec
from stillroom.training.settings import ModelConfig, Target, TrainerConfig


class Parameters(BaseModel):
    """The parameters of Stillroom's own pipelines; keys of a user's own pipelines are welcome beside them."""

    model_config = ConfigDict(extra="allow", frozen=True)

    seed: int
    table: TableSpec
    encoding: EncodingConfig
    model: ModelConfig
    optimizer: Target
    scheduler: Target | None
    trainer: TrainerConfig
    logger: Target | None
    compress: CompressConfig
    budget: BudgetConfig
    release: ReleaseConfig
    monitor: MonitorConfig


def check_parameters(raw: dict[str, Any]) -> Parameters:
    """Validate the composed parameters. Raises ConfigError with one line a problem: the key, and what is wrong."""
    try:
        return Parameters.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("\n".join(_sentence(problem) for problem in error.errors(include_url=False))) from error


def _sentence(problem: Any) -> str:
    location = [str(part) for part in problem["loc"]]
    key = ".".join(location)
    if problem["type"] == "extra_forbidden":
        return f"parameters: {key}: no such key; the choices are {', '.join(_siblings(location))}"
    if problem["type"] == "missing":
        return f"parameters: {key}: this key is needed"
    message = problem["msg"].removeprefix("Value error, ")
    return f"parameters: {key}: {message} (found {problem['input']!r:.80})"


def _siblings(location: list[str]) -> list[str]:
    """The keys that the innermost model on the way to a location knows."""
    model: Any = Parameters
    for part in location[:-1]:
        fields = getattr(model, "model_fields", {})
        if part not in fields:
            continue
        inner = [a for a in _flattened(fields[part].annotation) if isinstance(a, type) and issubclass(a, BaseModel)]
        model = inner[0] if inner else model
    return list(getattr(model, "model_fields", {}))


def _flattened(annotation: Any) -> list[Any]:
    arguments = getattr(annotation, "__args__", ())
    return [annotation] if not arguments else [leaf for a in arguments for leaf in _flattened(a)]
