"""Stillroom's own pipeline `compress`; write a `create_pipeline` of your own to replace it."""

from stillroom.pipelines.compress import create_pipeline

__all__ = ["create_pipeline"]
