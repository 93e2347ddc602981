"""What happens around every run: the declaration is checked first, the summary is told last."""

from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.io import CatalogProtocol

from stillroom import pipeline_registry
from stillroom.parameters import check_parameters


class DeclarationHook:
    """Checks all parameters before anything runs, and assembles the pipelines for the declared table."""

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Raises ConfigError naming each wrong key and its choices."""
        parameters = check_parameters(context.config_loader["parameters"])
        pipeline_registry.choose_table(parameters.table)
        requested = pipelines._requested_pipelines
        pipelines.configure("stillroom.pipeline_registry")
        pipelines.set_requested(requested)


class SummaryHook:
    """Prints the `summary` dataset when a run has made it."""

    @hook_impl
    def after_pipeline_run(self, run_params: dict[str, Any], pipeline: Any, catalog: CatalogProtocol) -> None:
        """The last lines of a run."""
        if "summary" in pipeline.all_outputs():
            print(f"\n{catalog.load('summary')}")
