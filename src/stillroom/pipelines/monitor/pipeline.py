"""The monitor pipeline."""

from kedro.pipeline import Node, Pipeline

from .decide import decide_on, split_as_trained
from .draw import draw_drift
from .expose import expose, show
from .nodes import compare, judge_quality, profile_reference, replay_held_out, replay_labels, replay_live
from .weigh import tell_rows_apart, weigh


def create_pipeline() -> Pipeline:
    """Everything here goes through the champion as it is served, and through the service's profile path.

    The nodes tagged `replay` make up live traffic of the table's live part. `--tags watch` leaves them out: profiles,
    predictions and labels are then those that the catalog finds, put there by a service and by whoever knows the truth.
    Profiles hold no rows: `weigh` and `tell_rows_apart` look at the table's rows in either case.
    """
    champion = ["champion", "champion_model", "watched_table"]
    return Pipeline(
        [
            Node(
                split_as_trained,
                ["champion", "champion_model", "training_table", "params:table"],
                ["watched_table", "watched_split"],
                name="split_as_trained",
                tags="watch",
            ),
            Node(
                profile_reference,
                [*champion, "params:table"],
                ["reference_profile", "reference_days"],
                name="profile_reference",
                tags="watch",
            ),
            Node(
                replay_held_out,
                [*champion, "encoding", "params:table", "params:monitor"],
                "held_out_outcomes",
                name="replay_held_out",
                tags="watch",
            ),
            Node(
                replay_live,
                [*champion, "encoding", "params:table"],
                ["live_profiles", "live_predictions"],
                name="replay_live",
                tags="replay",
            ),
            Node(
                replay_labels,
                ["watched_table", "params:table", "params:monitor"],
                "late_labels",
                name="replay_labels",
                tags="replay",
            ),
            Node(
                judge_quality,
                [
                    "live_predictions",
                    "late_labels",
                    "held_out_outcomes",
                    "encoding",
                    "params:table",
                    "params:monitor",
                ],
                "live_quality",
                name="judge_quality",
                tags="watch",
            ),
            Node(
                compare,
                [
                    "reference_profile",
                    "reference_days",
                    "live_profiles",
                    "live_quality",
                    "params:table",
                    "params:monitor",
                ],
                "drift_report",
                name="compare",
                tags="watch",
            ),
            Node(
                weigh,
                ["drift_report", *champion, "encoding", "params:table", "params:monitor"],
                "drift_weights",
                name="weigh",
                tags="watch",
            ),
            Node(
                tell_rows_apart,
                [*champion, "params:table", "params:monitor"],
                "domain_classifier",
                name="tell_rows_apart",
                tags="watch",
            ),
            Node(draw_drift, "drift_report", "drift_figure", name="draw_drift", tags="watch"),
            Node(
                show,
                ["drift_report", "drift_weights", "domain_classifier", "params:table"],
                "drift_page",
                name="show",
                tags="watch",
            ),
            Node(expose, ["drift_report", "params:table"], "drift_series", name="expose", tags="watch"),
            Node(
                decide_on,
                ["drift_report", "champion", "watched_table", "watched_split", "params:table", "params:retrain"],
                "decision",
                name="decide_on",
                tags="watch",
            ),
        ]
    )
