"""The release pipeline."""

from kedro.pipeline import Node, Pipeline

from .nodes import (
    ask_champion,
    choose_candidate,
    draw_figures,
    export_edge,
    figures_of_choice,
    judge_challenger,
    measure_candidates,
    pack,
    promote,
    report,
    sign_release,
    tell,
    train_yardstick,
)


def create_pipeline() -> Pipeline:
    """`standing_champion` and `champion` are one file, before and after the gate.

    The tags part it where a killed run can go on: what is tagged `judge` may be done again, `sign` adds a version to
    the store, and `promote` names the newest one champion, as often as it is run, where the gate has let it.
    """
    return Pipeline(
        [
            Node(
                train_yardstick,
                ["teacher", "training_table", "encoding", "params:release", "params:budget", "params:seed"],
                "yardsticks",
                name="train_yardstick",
                tags="judge",
            ),
            Node(
                measure_candidates,
                ["float_models", "int8_models", "training_table", "encoding", "params:release", "params:budget"],
                ["measurements", "test_predictions"],
                name="measure_candidates",
                tags="judge",
            ),
            Node(
                choose_candidate,
                ["measurements", "params:table", "params:budget"],
                "choice",
                name="choose_candidate",
                tags="judge",
            ),
            Node(figures_of_choice, ["measurements", "choice"], "chosen", name="figures_of_choice", tags="judge"),
            Node(
                export_edge,
                ["float_models", "int8_models", "measurements", "training_table", "params:table", "params:release"],
                "edge",
                name="export_edge",
                tags="judge",
            ),
            Node(
                judge_challenger,
                ["choice", "test_predictions", "training_table", "standing_model", "encoding", "params:release"],
                "gate_verdict",
                name="judge_challenger",
                tags="judge",
            ),
            Node(
                sign_release,
                [
                    "choice",
                    "float_models",
                    "int8_models",
                    "measurements",
                    "gate_verdict",
                    "training_table",
                    "params:table",
                    "params:budget",
                    "params:release",
                ],
                "release_model",
                name="sign_release",
                tags="sign",
            ),
            Node(
                promote,
                ["release_model", "gate_verdict", "standing_champion"],
                "champion",
                name="promote",
                tags="promote",
            ),
            Node(pack, "champion", "bento", name="pack", tags="promote"),
            Node(
                report,
                [
                    "quality",
                    "teacher",
                    "student",
                    "float_parity",
                    "pruning_trials",
                    "int8_trials",
                    "yardsticks",
                    "measurements",
                    "test_predictions",
                    "choice",
                    "gate_verdict",
                    "git_commit",
                    "params:table",
                    "params:budget",
                    "params:release",
                ],
                "report",
                name="report",
                tags="judge",
            ),
            Node(
                draw_figures,
                ["measurements", "choice", "teacher", "student", "pruning_trials", "params:budget"],
                ["pareto_figure", "learning_figure"],
                name="draw_figures",
                tags="judge",
            ),
            Node(
                ask_champion,
                ["champion", "champion_model", "bento", "training_table"],
                "request",
                name="ask_champion",
                tags="promote",
            ),
            Node(
                tell,
                [
                    "measurements",
                    "choice",
                    "yardsticks",
                    "pruning_trials",
                    "int8_trials",
                    "gate_verdict",
                    "request",
                    "directions",
                    "params:table",
                    "params:budget",
                ],
                "summary",
                name="tell",
                tags="promote",
            ),
        ]
    )
