"""Stillroom's own pipeline `release`; write a `create_pipeline` of your own to replace it."""

from stillroom.pipelines.release import create_pipeline

__all__ = ["create_pipeline"]
