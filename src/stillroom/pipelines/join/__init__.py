"""Another host's part in training the teacher."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
