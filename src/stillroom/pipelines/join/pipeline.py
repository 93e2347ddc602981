"""The join pipeline: not part of a run, but what the other hosts of one run when it trains on several."""

from kedro.pipeline import Node, Pipeline

from .nodes import await_first_host, join_teacher


def create_pipeline() -> Pipeline:
    """Wait, then train; the inputs are read after the waiting, and nothing is saved."""
    return Pipeline(
        [
            Node(await_first_host, "params:trainer", "first_host", name="await_first_host"),
            Node(
                join_teacher,
                [
                    "first_host",
                    "training_table",
                    "encoding",
                    "params:model",
                    "params:optimizer",
                    "params:scheduler",
                    "params:trainer",
                    "params:logger",
                    "params:seed",
                ],
                None,
                name="join_teacher",
            ),
        ]
    )
