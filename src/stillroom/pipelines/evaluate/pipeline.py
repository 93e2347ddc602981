"""The evaluate pipeline: not part of a run, which judges candidates on the test split; sweeps choose by it."""

from kedro.pipeline import Node, Pipeline

from .nodes import score_teacher


def create_pipeline() -> Pipeline:
    """One node."""
    return Pipeline(
        [Node(score_teacher, ["teacher", "training_table", "encoding"], "validation", name="score_teacher")]
    )
