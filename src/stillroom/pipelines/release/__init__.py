"""From the candidates to the champion's Bento: measure, choose by budget, gate, pack, report."""

from .pipeline import create_pipeline

__all__ = ["create_pipeline"]
