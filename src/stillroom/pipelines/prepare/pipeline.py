"""The prepare pipeline."""

from kedro.pipeline import Node, Pipeline

from .nodes import describe_table, encode_table, split_table


def create_pipeline() -> Pipeline:
    """Needs `source`, which the registry maps on the dataset that the table spec names."""
    return Pipeline(
        [
            Node(split_table, ["source", "params:table"], "training_table", name="split_table"),
            Node(describe_table, ["training_table", "params:table"], "quality", name="describe_table"),
            Node(
                encode_table,
                ["training_table", "quality", "params:table", "params:encoding"],
                "encoding",
                name="encode_table",
            ),
        ]
    )
