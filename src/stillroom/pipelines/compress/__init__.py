"""From the teacher to the candidates: distil, prune, export, quantise."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
