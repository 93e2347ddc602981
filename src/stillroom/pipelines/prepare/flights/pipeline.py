"""The flights' own prepare nodes: raw tables in, one training table out."""

from kedro.pipeline import Node, Pipeline

from .nodes import (
    cut_flights,
    describe_weather,
    join_flights,
    recall_carrier,
    recall_destination,
    recall_flight_number,
    recall_origin,
    recall_plane,
    time_flights,
)


def create_pipeline() -> Pipeline:
    """Needs the datasets flights, weather, planes and airports; makes flights_table.

    All frames are lazy, or blocks of such.
    """
    return Pipeline(
        [
            Node(cut_flights, ["flights", "params:prepare"], "flights_cut", name="cut_flights"),
            Node(time_flights, ["flights_cut", "airports"], "flights_timed", name="time_flights"),
            Node(describe_weather, "weather", "flights_weather", name="describe_weather"),
            Node(recall_origin, "flights_timed", "flights_origin_history", name="recall_origin"),
            Node(recall_carrier, "flights_timed", "flights_carrier_history", name="recall_carrier"),
            Node(recall_destination, "flights_timed", "flights_destination_history", name="recall_destination"),
            Node(recall_flight_number, "flights_timed", "flights_number_history", name="recall_flight_number"),
            Node(recall_plane, "flights_timed", "flights_with_previous_leg", name="recall_plane"),
            Node(
                join_flights,
                [
                    "flights_with_previous_leg",
                    "planes",
                    "flights_weather",
                    "flights_origin_history",
                    "flights_carrier_history",
                    "flights_destination_history",
                    "flights_number_history",
                ],
                "flights_table",
                name="join_flights",
            ),
        ]
    )
