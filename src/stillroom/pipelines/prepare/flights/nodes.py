"""Nodes of the flights' own preparation: lazy frames of any engine in, lazy frames out; nothing is computed here."""

import narwhals as nw

from . import clock, load, plane, recent, weather
from .table import KEYS, joined


@nw.narwhalify
def time_flights(flights: nw.LazyFrame, airports: nw.LazyFrame) -> nw.LazyFrame:
    """The flights with the instants at which each outcome became known."""
    return clock.on_the_clock(flights, airports)


@nw.narwhalify
def describe_weather(observed: nw.LazyFrame) -> nw.LazyFrame:
    """The weather per origin and hour."""
    return weather.hourly_weather(observed)


@nw.narwhalify
def recall_origin(timed: nw.LazyFrame) -> nw.LazyFrame:
    """What was known of the origin's last hours."""
    return recent.origin_history(timed)


@nw.narwhalify
def recall_carrier(timed: nw.LazyFrame) -> nw.LazyFrame:
    """What was known of the carrier's last hours at the origin."""
    return recent.carrier_history(timed)


@nw.narwhalify
def recall_destination(timed: nw.LazyFrame) -> nw.LazyFrame:
    """What was known of arrivals at the destination."""
    return recent.destination_history(timed)


@nw.narwhalify
def recall_flight_number(timed: nw.LazyFrame) -> nw.LazyFrame:
    """What was known of the same flight number's last weeks."""
    return recent.flight_number_history(timed)


@nw.narwhalify
def recall_plane(timed: nw.LazyFrame) -> nw.LazyFrame:
    """What was known of the plane's previous leg."""
    return plane.previous_leg(timed)


@nw.narwhalify
def join_flights(
    timed: nw.LazyFrame, planes: nw.LazyFrame, hourly: nw.LazyFrame, *histories: nw.LazyFrame
) -> nw.LazyFrame:
    """The training table; the histories come in the order of `HISTORIES` in the pipeline."""
    parts = dict(
        zip(
            KEYS,
            [plane.plane_facts(planes), hourly, load.origin_load(timed), load.carrier_load(timed), *histories],
            strict=True,
        )
    )
    return joined(timed, parts)
