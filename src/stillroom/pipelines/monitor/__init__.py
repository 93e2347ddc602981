"""Watch the champion: reference profiles, the live part replayed, drift and live quality."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
