"""`kedro sweep`: the points of a parameter space, ranked."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from stillroom.datasets.files import write_whole
from stillroom.fingerprints import digest, value_fingerprint
from stillroom.loop.lock import lock
from stillroom.sweep_project import SweepProject
from stillroom.sweeps import (
    Metric,
    Point,
    Space,
    SweepConfig,
    command,
    declared_metrics,
    parallel_coordinates,
    parse,
    points_table,
    ranked,
    told,
)
from stillroom.table.errors import InputError

HELP = """Try the points of a parameter space, and rank them.

    kedro sweep model=mlp,tabm optimizer.lr=1e-3,1e-4
    kedro sweep 'model=glob(*)' 'seed=range(1,4)' table=wine experiment=small
    kedro sweep --search optuna 'optimizer.lr=tag(log, interval(1e-5,1e-2))' --trials 30
"""


@click.command(name="sweep", help=HELP)
@click.argument("overrides", nargs=-1, required=True)
@click.option(
    "--search", type=click.Choice(["grid", "optuna"]), default="grid", help="Every point, or Optuna's choice."
)
@click.option("--trials", type=click.IntRange(min=1), help="How many points Optuna tries, those of before a kill too.")
@click.option("--env", "-e", default=None, help="Kedro environment.")
def sweep_command(overrides: tuple[str, ...], search: str, trials: int | None, env: str | None) -> None:
    """Sweep."""
    project = SweepProject(Path.cwd(), env)
    with _quiet(), _plainly():
        sweep = Sweep(project, parse(overrides, project.options), trials)
        with lock(sweep.folder, "sweep"):
            try:
                for point in sweep.trials() if search == "optuna" else sweep.grid():
                    click.echo(sweep.add(point))
            except KeyboardInterrupt:
                click.echo("\nInterrupted: the same command goes on where this one was.")
                sweep.show()
                raise click.exceptions.Exit(130) from None
            sweep.show()


class Sweep:
    """One sweep: what is tried, and what came of it so far.

    What comes of it lies in ``folder``. Raises ConfigError or InputError, before anything is run, naming what is wrong
    and the choices.
    """

    def __init__(self, project: SweepProject, space: Space, trials: int | None) -> None:
        declared, *_ = [project.declared(params) for params in space.around()]
        self._project, self._space = project, space
        self._config: SweepConfig = declared.sweep.model_copy(update={"trials": trials} if trials else {})
        self._metrics: list[Metric] = declared_metrics(self._config, declared.table.task)
        identity = project.identity(space.first(), self._config, self._metrics)
        axes = {key: [str(axis.varies)] for key, axis in space.axes.items()}
        known = digest(identity, value_fingerprint([axes, [*map(str, self._metrics)], space.fixed]))
        self._name = f"{declared.table.name}-{known[:8]}"  # another where code, data or parameters are others
        self.folder = self._config.folder / self._name
        self._points: list[Point] = []
        self._all = 0

    def grid(self) -> Iterator[Point]:
        """Every point; what was made before an interruption is not made again."""
        points = self._space.grid()
        self._all = len(points)
        return (self._attempt(number, params) for number, params in enumerate(points, 1))

    def trials(self) -> Iterator[Point]:
        """Those that Optuna chooses, until there are as many as declared."""
        try:
            from stillroom.sweeps.optuna_search import OptunaSearch
        except ImportError as error:
            raise InputError("--search optuna needs Optuna: pip install 'stillroom[train]'") from error
        search = OptunaSearch(self.folder / "study.db", self._space, self._metrics, self._config)
        self._points, self._all = search.points, self._config.trials
        if self._points:
            click.echo(f"Going on with {self._name}: {len(self._points)} of {self._all} points are there.")
        return search.run(self._attempt)

    def add(self, point: Point) -> str:
        """Keep what came of a point, and tell it."""
        self._points.append(point)
        content = "[" + ",\n".join(each.model_dump_json() for each in self._points) + "]\n"
        write_whole(self.folder / "points.json", lambda path: path.write_text(content))
        return f"{len(self._points)}/{self._all}  {told(point, [*self._space.axes], self._metrics)}"

    def show(self) -> None:
        """The table, the plot, and how to come by the best."""
        axes = [*self._space.axes]
        click.echo(f"\n{points_table(self._points, axes, self._metrics)}\n")
        done = [point for point in ranked(self._points, self._metrics) if point.outcome == "done"]
        if not done:
            raise click.ClickException(f"no point came to an end; see {self.folder / 'points.json'}")
        figure, page = parallel_coordinates(self._points, axes, self._metrics), self.folder / "parallel.html"
        write_whole(page, figure.write_html)
        click.echo(f"Plot   {page}\nBest   {command(done[0].params, self._project.env)}")

    def _attempt(self, number: int, params: dict[str, Any], watcher: Any = None) -> Point:
        return self._project.attempt(number, params, self._config, self._metrics, self._name, watcher)


@contextmanager
def _quiet() -> Iterator[None]:
    """Kedro tells of every dataset; a line a point tells enough."""
    loggers: Sequence[logging.Logger] = [logging.getLogger(name) for name in ("kedro", "stillroom")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


@contextmanager
def _plainly() -> Iterator[None]:
    """What cannot be swept is told in one sentence."""
    try:
        yield
    except InputError as error:
        raise click.ClickException(" ".join(str(error).split())) from error
