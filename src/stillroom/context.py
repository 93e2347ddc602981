"""What is declared is checked, and the pipelines are assembled for it, whenever a session's context is made."""

from typing import Any

from kedro.framework import project
from kedro.framework.context import KedroContext

from stillroom import pipeline_registry
from stillroom.parameters import check_parameters


class DeclaredContext(KedroContext):
    """A context whose parameters are valid and whose pipelines are the declared table's.

    Not a hook: Kedro-Viz shows a project without its hooks. Raises ConfigError naming each wrong key and its choices.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pipeline_registry.choose_table(check_parameters(self.config_loader["parameters"]).table)
        requested = project.pipelines._requested_pipelines
        project.pipelines.configure(f"{project.PACKAGE_NAME}.pipeline_registry")
        project.pipelines.set_requested(requested)
