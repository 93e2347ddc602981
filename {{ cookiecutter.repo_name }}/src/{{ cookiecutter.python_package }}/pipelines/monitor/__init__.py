"""Stillroom's own pipeline `monitor`; write a `create_pipeline` of your own to replace it."""

from stillroom.pipelines.monitor import create_pipeline

__all__ = ["create_pipeline"]
