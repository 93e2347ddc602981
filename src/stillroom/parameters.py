"""All that `conf` may declare as parameters, in one model: a typo fails before the first node."""

from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError, ValidationInfo, field_validator

from stillroom.compression.budget import BudgetConfig
from stillroom.compression.settings import CompressConfig, ReleaseConfig
from stillroom.config import ConfigError
from stillroom.loop.settings import LoopConfig
from stillroom.monitoring.decision import RetrainConfig
from stillroom.monitoring.settings import MonitorConfig
from stillroom.resources.cost import CostConfig
from stillroom.runs.settings import RunsConfig
from stillroom.scoring.settings import ScoreConfig
from stillroom.sweeps.settings import SweepConfig
from stillroom.table.settings import EncodingConfig, PrepareConfig
from stillroom.table.spec import Declared, TableSpec
from stillroom.training.settings import ModelConfig, Target, TrainerConfig


class Parameters(Declared):
    """Every parameter there is; a pipeline of your own declares its key here, typed or as `dict[str, Any]`.

    ``experiment`` is the group of presets, which set other keys and leave none of their own.
    """

    seed: int
    table: TableSpec
    prepare: PrepareConfig
    encoding: EncodingConfig
    model: ModelConfig
    optimizer: Target
    scheduler: Target | None
    trainer: TrainerConfig
    logger: Target | None
    compress: CompressConfig
    budget: BudgetConfig
    cost: CostConfig
    release: ReleaseConfig
    monitor: MonitorConfig
    retrain: RetrainConfig
    loop: LoopConfig
    score: ScoreConfig
    sweep: SweepConfig
    runs: RunsConfig
    experiment: None = None

    @field_validator("trainer")
    @classmethod
    def _fits_the_model(cls, trainer: TrainerConfig, info: ValidationInfo) -> TrainerConfig:
        model: ModelConfig | None = info.data.get("model")
        if model is not None and trainer.nodes > 1 and model.kind not in ("network", "ensemble"):
            raise ValueError(f"nodes is {trainer.nodes}, and a model of kind {model.kind} is trained on one host")
        return trainer

    @field_validator("compress")
    @classmethod
    def _fits_the_table(cls, compress: CompressConfig, info: ValidationInfo) -> CompressConfig:
        table: TableSpec | None = info.data.get("table")
        if table is not None and table.task == "regression" and compress.student.temperature != 1:
            raise ValueError("a regression has no temperature: set compress.student.temperature to 1")
        by = compress.out_of_fold.by
        if table is not None and by in ("group", "time") and getattr(table, by) is None:
            raise ValueError(f"out_of_fold.by is {by}, but the table {table.name} declares no `{by}` column")
        return compress


def check_parameters(raw: dict[str, Any]) -> Parameters:
    """Validate the composed parameters. Raises ConfigError with one line a problem: the key, and what is wrong."""
    try:
        return Parameters.model_validate(raw)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        raise ConfigError("\n".join(_sentence(problem, raw) for problem in problems)) from error


def _sentence(problem: Any, raw: dict[str, Any]) -> str:
    location = problem["loc"]
    key = ".".join(_written(location, raw, problem["type"] == "missing"))
    if problem["type"] == "extra_forbidden":
        return f"parameters: {key}: no such key; the choices are {', '.join(_siblings(location))}"
    if problem["type"] == "missing":
        return f"parameters: {key}: this key is needed"
    message = problem["msg"].removeprefix("Value error, ")
    found = "" if isinstance(problem["input"], dict) else f" (found {problem['input']!r:.80})"
    return f"parameters: {key}: {message}{found}"


def _written(location: tuple[int | str, ...], raw: Any, missing: bool) -> list[str]:
    """A location without the names that pydantic adds for the member of a union: the key as `conf` has it.

    Of a location that is ``missing``, `conf` has not the last part.
    """
    written = []
    for position, part in enumerate(location):
        last = position == len(location) - 1
        held = part in raw if isinstance(raw, dict) else isinstance(raw, list) and isinstance(part, int)
        if held:
            raw = raw[part]
        if held or (missing and last):
            written.append(str(part))
    return written


def _siblings(location: tuple[int | str, ...]) -> list[str]:
    """The keys that the innermost model on the way to a location knows."""
    model: type[BaseModel] = Parameters
    members: list[type[BaseModel]] = []
    for part in location[:-1]:
        if str(part) in model.model_fields:
            members = models_in(model.model_fields[str(part)].annotation)
        else:
            members = [m for m in members if part in _tags(m)] or members
        model = members[0] if members else model
    return [field.alias or name for name, field in model.model_fields.items()]


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """The models in an annotation such as `Target | None` or `list[Target]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) if argument is not NoneType for model in models_in(argument)]


def _tags(model: type[BaseModel]) -> set[Any]:
    """The values by which a member of a discriminated union is known."""
    return {value for field in model.model_fields.values() for value in get_args(field.annotation)}
