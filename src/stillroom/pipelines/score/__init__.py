"""Score a table of any size with the champion."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
