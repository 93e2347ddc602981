"""The compress pipeline."""

from kedro.pipeline import Node, Pipeline

from .nodes import (
    augment_transfer_set,
    distil_student,
    export_candidates,
    label_out_of_fold,
    pick_parity_rows,
    prune_student,
    quantise_candidates,
)


def create_pipeline() -> Pipeline:
    """Each step yields candidates; the release pipeline chooses among them."""
    learning = ["params:trainer", "params:compress", "params:logger", "params:seed"]
    return Pipeline(
        [
            Node(
                label_out_of_fold,
                [
                    "teacher",
                    "training_table",
                    "encoding",
                    "params:table",
                    "params:model",
                    "params:optimizer",
                    "params:scheduler",
                    "params:trainer",
                    "params:compress",
                    "params:seed",
                ],
                "soft_targets",
                name="label_out_of_fold",
            ),
            Node(
                augment_transfer_set,
                [
                    "teacher",
                    "training_table",
                    "encoding",
                    "params:model",
                    "params:optimizer",
                    "params:scheduler",
                    "params:trainer",
                    "params:compress",
                    "params:seed",
                ],
                "synthetic_rows",
                name="augment_transfer_set",
            ),
            Node(
                distil_student,
                ["training_table", "soft_targets", "synthetic_rows", "encoding", *learning],
                "student",
                name="distil_student",
            ),
            Node(
                prune_student,
                ["teacher", "student", "training_table", "soft_targets", "synthetic_rows", "encoding", *learning],
                ["pruned", "pruning_trials"],
                name="prune_student",
            ),
            Node(
                pick_parity_rows,
                ["training_table", "encoding", "params:compress"],
                "parity_rows",
                name="pick_parity_rows",
            ),
            Node(
                export_candidates,
                [
                    "teacher",
                    "student",
                    "pruned",
                    "parity_rows",
                    "encoding",
                    "params:table",
                    "quality",
                    "git_commit",
                    "params:compress",
                ],
                ["float_models", "float_parity"],
                name="export_candidates",
            ),
            Node(
                quantise_candidates,
                [
                    "float_models",
                    "training_table",
                    "parity_rows",
                    "encoding",
                    "params:compress",
                    "params:budget",
                    "params:seed",
                ],
                ["int8_models", "int8_trials"],
                name="quantise_candidates",
            ),
        ]
    )
