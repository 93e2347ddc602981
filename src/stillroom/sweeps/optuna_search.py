"""Optuna's search: a study in an SQLite file, which a killed sweep goes on with."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import optuna
from hydra.errors import InstantiationException
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial, TrialState
from pydantic import ValidationError

from stillroom.sweeps.grammar import Choices, Numbers, Params, Space
from stillroom.sweeps.metrics import Metric
from stillroom.sweeps.point import Point
from stillroom.sweeps.settings import SweepConfig
from stillroom.table.errors import InputError
from stillroom.training.settings import Target

POINT = "point"
STATES = {"done": TrialState.COMPLETE, "failed": TrialState.FAIL, "pruned": TrialState.PRUNED}

Following = Callable[[str, int, dict[str, float]], bool]
"""Told the stage, the epoch and its figures, says whether the fit shall end."""
Attempt = Callable[[int, Params, Following | None], Point]


class OptunaSearch:
    """The trials of one study. Raises InputError where its sampler or pruner cannot be made."""

    def __init__(self, file: Path, space: Space, metrics: Sequence[Metric], config: SweepConfig) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._space, self._metrics, self._trials = space, metrics, config.trials
        self._distributions = {key: _distribution(axis.varies) for key, axis in space.axes.items()}
        if len(metrics) > 1 and config.pruner is not None:
            raise InputError("sweep.pruner: Optuna prunes by a single metric; say sweep.pruner=null")
        file.parent.mkdir(parents=True, exist_ok=True)
        self._study = optuna.create_study(
            storage=f"sqlite:///{file}",
            study_name="sweep",
            directions=[metric.direction for metric in metrics],
            pruner=_made("pruner", config.pruner) if config.pruner else optuna.pruners.NopPruner(),
            load_if_exists=True,
        )
        self._study.sampler = _made("sampler", _reseeded(config.sampler, len(self._study.trials)))
        self._give_back()

    @property
    def points(self) -> list[Point]:
        """Those of before and of now, that came to an end."""
        kept = [trial.user_attrs[POINT] for trial in self._study.trials if POINT in trial.user_attrs]
        return [Point.model_validate(point) for point in kept]

    def run(self, attempt: Attempt) -> Iterator[Point]:
        """Try points until the study has as many as declared."""
        while len(self.points) < self._trials:
            trial = self._study.ask(self._distributions)
            drawn = {key: _value(self._space.axes[key].varies, value) for key, value in trial.params.items()}
            point = attempt(trial.number, self._space.fixed | drawn, self._follow(trial))
            trial.set_user_attr(POINT, point.model_dump(mode="json"))
            self._tell(point)
            yield point

    def _tell(self, point: Point) -> None:
        values = [point.figures[metric.name] for metric in self._metrics] if point.outcome == "done" else None
        self._study.tell(point.number, values, STATES[point.outcome])

    def _give_back(self) -> None:
        """What a killed sweep was at is tried first."""
        for trial in self._study.get_trials(states=(TrialState.RUNNING,)):
            if POINT in trial.user_attrs:
                self._tell(Point.model_validate(trial.user_attrs[POINT]))
            else:
                self._study.tell(trial.number, state=TrialState.FAIL)
                self._study.enqueue_trial(trial.params)

    def _follow(self, trial: Trial) -> Following | None:
        """Reports each epoch of the teacher to the trial, by the figure that its training is stopped by."""
        if len(self._metrics) > 1:
            return None
        reported = set[int]()

        def follow(stage: str, epoch: int, figures: dict[str, float]) -> bool:
            names = [name for name in figures if name.startswith("validation_")]
            if stage != "teacher" or epoch in reported or len(names) != 1:
                return False
            reported.add(epoch)
            rises = names[0] == "validation_roc_auc"
            same = rises == (self._metrics[0].direction == "maximize")
            trial.report(figures[names[0]] if same else -figures[names[0]], epoch + 1)
            return trial.should_prune()

        return follow


def _distribution(varies: Choices | Numbers) -> BaseDistribution:
    if isinstance(varies, Choices):
        # Optuna keeps plain values alone; a list or a dict goes by its place.
        plain = all(isinstance(value, str | int | float | bool | None) for value in varies.values)
        return CategoricalDistribution(varies.values if plain else list(range(len(varies.values))))
    try:
        if varies.whole:
            return IntDistribution(int(varies.low), int(varies.high), log=varies.log, step=int(varies.step or 1))
        return FloatDistribution(varies.low, varies.high, log=varies.log, step=varies.step)
    except ValueError as error:
        raise InputError(f"{varies.low:g} to {varies.high:g}: {error}") from error


def _value(varies: Choices | Numbers, drawn: Any) -> Any:
    if isinstance(varies, Choices) and drawn not in varies.values:
        return varies.values[drawn]
    return drawn


def _reseeded(sampler: dict[str, Any], trials: int) -> dict[str, Any]:
    """With the same seed as before, a study that goes on would draw the same points again."""
    return sampler if sampler.get("seed") is None else sampler | {"seed": sampler["seed"] + trials}


def _made(what: str, declared: dict[str, Any]) -> Any:
    try:
        return Target.model_validate(declared).build()
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise InputError(f"sweep.{what}: {message}") from error
    except InstantiationException as error:
        raise InputError(f"sweep.{what}: {error.__cause__ or error}") from error
