"""How good a teacher is on the validation split."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
