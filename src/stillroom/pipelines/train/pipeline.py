"""The train pipeline."""

from kedro.pipeline import Node, Pipeline

from .nodes import train_teacher


def create_pipeline() -> Pipeline:
    """Training is one node, on any number of devices."""
    return Pipeline(
        [
            Node(
                train_teacher,
                [
                    "training_table",
                    "encoding",
                    "params:model",
                    "params:optimizer",
                    "params:scheduler",
                    "params:trainer",
                    "params:logger",
                    "params:seed",
                ],
                "teacher",
                name="train_teacher",
            )
        ]
    )
