"""From the training table to the teacher."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
