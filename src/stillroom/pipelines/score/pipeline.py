"""The score pipeline: not part of a run, which ends with a champion to score with."""

from kedro.pipeline import Node, Pipeline

from .nodes import score_table


def create_pipeline() -> Pipeline:
    """One node, whose output is computed while it is written."""
    return Pipeline(
        [
            Node(
                score_table,
                ["to_score", "champion_model", "params:table", "params:score"],
                "scores",
                name="score_table",
            )
        ]
    )
