"""Stillroom's own pipeline `score`; write a `create_pipeline` of your own to replace it."""

from stillroom.pipelines.score import create_pipeline

__all__ = ["create_pipeline"]
