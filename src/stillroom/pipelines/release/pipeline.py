"""The release pipeline."""

from kedro.pipeline import Node, Pipeline

from .nodes import (
    choose_candidate,
    judge_challenger,
    measure_candidates,
    pack,
    promote,
    sign_release,
    train_yardstick,
)


def create_pipeline() -> Pipeline:
    """`standing_champion` and `champion` are one file, before and after the gate."""
    return Pipeline(
        [
            Node(train_yardstick, ["training_table", "encoding", "params:release", "params:seed"], "yardsticks"),
            Node(
                measure_candidates,
                ["float_models", "int8_models", "training_table", "encoding", "params:release"],
                ["measurements", "test_predictions"],
            ),
            Node(choose_candidate, ["measurements", "params:table", "params:budget"], "choice"),
            Node(
                judge_challenger,
                ["choice", "test_predictions", "training_table", "standing_model", "encoding", "params:release"],
                "gate_verdict",
            ),
            Node(
                sign_release,
                ["choice", "float_models", "int8_models", "measurements", "gate_verdict", "params:budget"],
                "release_model",
            ),
            Node(promote, ["release_model", "gate_verdict", "standing_champion"], "champion"),
            Node(pack, "champion", "bento"),
        ]
    )
