"""From the table that the spec names to the training table, its quality report and its encoding."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
