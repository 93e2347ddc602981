"""The project's pipelines: what is in `pipelines`, assembled for the table that is declared."""

from stillroom.pipeline_registry import register_pipelines

__all__ = ["register_pipelines"]
