"""Stillroom's own pipeline `train`; write a `create_pipeline` of your own to replace it."""

from stillroom.pipelines.train import create_pipeline

__all__ = ["create_pipeline"]
