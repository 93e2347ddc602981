"""Stillroom's own pipeline `prepare`; write a `create_pipeline` of your own to replace it."""

from stillroom.pipelines.prepare import create_pipeline

__all__ = ["create_pipeline"]
