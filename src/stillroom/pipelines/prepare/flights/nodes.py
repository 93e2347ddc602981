"""Nodes of the flights' own preparation: lazy frames of any engine in, lazy frames out; nothing is computed here."""

import narwhals as nw

from . import clock, load, plane, recent, weather
from .table import joined


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
    """The flights with what was known of the plane's previous leg, and the hour's planned load."""
    return load.with_load(plane.with_previous_leg(timed))


@nw.narwhalify
def join_flights(
    flights: nw.LazyFrame, planes: nw.LazyFrame, hourly: nw.LazyFrame, *histories: nw.LazyFrame
) -> nw.LazyFrame:
    """The training table; the histories are those of origin, carrier, destination and flight number."""
    return joined(flights, [*histories, plane.plane_facts(planes), hourly])
