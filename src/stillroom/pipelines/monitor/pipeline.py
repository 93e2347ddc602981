"""The monitor pipeline."""

from kedro.pipeline import Node, Pipeline

from .nodes import compare, profile_reference, replay_held_out, replay_live


def create_pipeline() -> Pipeline:
    """Everything here goes through the champion as it is served, and through the service's profile path."""
    champion = ["champion", "champion_model", "training_table"]
    return Pipeline(
        [
            Node(
                profile_reference,
                [*champion, "params:table"],
                ["reference_profile", "reference_days"],
                name="profile_reference",
            ),
            Node(replay_held_out, [*champion, "encoding", "params:table"], "held_out_labels", name="replay_held_out"),
            Node(
                replay_live,
                [*champion, "encoding", "params:table"],
                ["live_profiles", "live_labels"],
                name="replay_live",
            ),
            Node(
                compare,
                [
                    "reference_profile",
                    "reference_days",
                    "live_profiles",
                    "live_labels",
                    "held_out_labels",
                    "params:table",
                    "params:monitor",
                ],
                ["drift_report", "drift_page"],
                name="compare",
            ),
        ]
    )
