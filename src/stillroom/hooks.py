"""What happens around every run: errors are told plainly, the summary comes last."""

import logging
import os
import shutil
import sys
from typing import Any

import click
from kedro.config import MissingConfigException
from kedro.framework.cli.utils import KedroCliError
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol, DatasetError
from kedro.validation.exceptions import DataValidationError

from stillroom.config import ConfigError
from stillroom.datasets.files import UnreadableError
from stillroom.integrity.digests import IntegrityError
from stillroom.table.errors import InputError

logger = logging.getLogger(__name__)
ON_SPARK = ("prepare", "score")


class PlainErrorHook:
    """On the command line, ends a run on unusable data with the one sentence that says what is wrong with it.

    Before it come the notes that the error carries (PEP 678), such as a table. The traceback goes to the log at level
    debug; `kedro run --verbose` shows it. Sessions and notebooks get the exception itself, and so does everybody for an
    error that is not about the data.
    """

    @hook_impl(trylast=True)
    def on_pipeline_error(self, error: Exception) -> None:
        """Raises ClickException; last of all hooks, for it keeps those after it from being called."""
        on_command_line = click.get_current_context(silent=True) is not None
        sentence = data_problem(error)
        if not on_command_line or KedroCliError.VERBOSE_ERROR or sentence is None:
            return
        logger.debug("The run ended with an error", exc_info=error)
        for note in getattr(error, "__notes__", []):
            click.echo(f"\n{note}\n", err=True)
        raise click.ClickException(sentence) from error


def data_problem(error: Exception) -> str | None:
    """What is wrong with the data, as one sentence; None for an error of the program's."""
    if isinstance(error, DataValidationError):
        return f"{error.dataset_name}: {error.message}"
    return " ".join(str(error).split()) if _is_about_data(error) else None


def _is_about_data(error: BaseException) -> bool:
    """Whether the file, the disk or the data is at fault, and not the code that reads or writes it."""
    if isinstance(error, DatasetError) and not isinstance(error, UnreadableError):
        return error.__cause__ is None or _is_about_data(error.__cause__)
    return isinstance(error, UnreadableError | InputError | OSError)


class IntegrityHook:
    """Looks before the first node whether the run will be able to sign, and whether the champion is the one signed."""

    @hook_impl
    def before_pipeline_run(self, pipeline: Any, catalog: CatalogProtocol) -> None:
        """Raises ConfigError rather than let a run train for nothing."""
        try:
            if "release_model" in pipeline.all_outputs():
                catalog["release_model"].check_keys()
            if "standing_model" in pipeline.inputs():
                catalog.load("standing_model")
        except (IntegrityError, DatasetError) as error:
            raise ConfigError(str(error)) from error


class SparkHook:
    """Starts the Spark session that an environment declares in its `spark.yml`, as `--env spark` does."""

    def __init__(self) -> None:
        self._env: str | None = None

    @hook_impl
    def before_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Raises ConfigError for pipelines that need Polars."""
        asked = run_params["pipeline_names"] or ["__default__"]
        if self._env and not set(asked) <= set(ON_SPARK):
            raise ConfigError(
                f"--env {self._env} runs {' and '.join(ON_SPARK)} only: name one by --pipelines, and run the others "
                "without --env; they read the table that Spark wrote where the catalog names its folder"
            )

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Raises ConfigError where Spark, or the Java that it runs on, is not installed."""
        self._env = None
        try:
            settings = context.config_loader["spark"]
        except MissingConfigException:
            return
        self._env = context.env
        try:
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise ConfigError("--env spark needs pyspark: pip install 'stillroom[spark]'") from error
        # Spark starts its workers with what it finds on the path; they need this environment's Python.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        SparkSession.builder.config(map=placed(settings)).getOrCreate()


def placed(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings as Spark takes them: where it runs is a master, a server of Spark Connect, or spark-submit's choice.

    Raises ConfigError where Spark would run here without Java.
    """
    others = {key: value for key, value in settings.items() if key != "spark.master"}
    master = settings.get("spark.master", "local[*]")
    if master.startswith("sc://"):
        # kedro-datasets looks for a remote session here, and nowhere else.
        os.environ["SPARK_REMOTE"] = master
        return {**others, "spark.remote": master}
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        return others
    if shutil.which("java", path=_java_path()) is None:
        raise ConfigError("--env spark needs Java 17 or later: install it, and name its folder by JAVA_HOME or PATH")
    return {**others, "spark.master": master}


def _java_path() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return f"{home}/bin" if home else None


class SummaryHook:
    """Prints the `summary` dataset when a run has made it."""

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any], pipeline: Any, catalog: CatalogProtocol) -> None:
        """The last lines of a run."""
        if "summary" in pipeline.all_outputs():
            print(f"\n{catalog.load('summary')}")
