"""Stillroom's own pipeline `join`; write a `create_pipeline` of your own to replace it."""

from stillroom.pipelines.join import create_pipeline

__all__ = ["create_pipeline"]
