"""Nodes of the flights' own preparation: lazy frames of any engine in, lazy frames out; nothing is computed here.

Many years of flights come in blocks of time, each node's frame being a dict of such frames.
"""

from typing import Any

import narwhals as nw
import polars as pl

from stillroom.table.blocks import Blocks, beside, each_block, in_blocks, without_before
from stillroom.table.settings import PrepareConfig

from . import clock, load, plane, recent, weather
from .table import joined

REMEMBERED = 28 + 1 + 3 + 1
"""Days before a flight on which its row depends: 28 of arrivals, a day in the air, the three that an arrival may be
late (the catalog's ranges of the raw table), and one more since days are New York's here and UTC's there."""


def cut_flights(flights: Any, prepare: PrepareConfig) -> Any:
    """The flights in blocks of `prepare.block_days`, and each with what it remembers; Spark sees to that by itself."""
    if prepare.block_days is None or not isinstance(flights, pl.LazyFrame):
        return flights
    return in_blocks(flights, pl.date("year", "month", "day"), prepare.block_days, REMEMBERED)


@each_block
@nw.narwhalify
def time_flights(flights: nw.LazyFrame, airports: nw.LazyFrame) -> nw.LazyFrame:
    """The flights with the instants at which each outcome became known."""
    return clock.on_the_clock(flights, airports)


@nw.narwhalify
def describe_weather(observed: nw.LazyFrame) -> nw.LazyFrame:
    """The weather per origin and hour."""
    return weather.hourly_weather(observed)


@each_block
@nw.narwhalify
def recall_origin(timed: nw.LazyFrame) -> nw.LazyFrame:
    """What was known of the origin's last hours."""
    return recent.origin_history(timed)


@each_block
@nw.narwhalify
def recall_carrier(timed: nw.LazyFrame) -> nw.LazyFrame:
    """What was known of the carrier's last hours at the origin."""
    return recent.carrier_history(timed)


@each_block
@nw.narwhalify
def recall_destination(timed: nw.LazyFrame) -> nw.LazyFrame:
    """What was known of arrivals at the destination."""
    return recent.destination_history(timed)


@each_block
@nw.narwhalify
def recall_flight_number(timed: nw.LazyFrame) -> nw.LazyFrame:
    """What was known of the same flight number's last weeks."""
    return recent.flight_number_history(timed)


@each_block
@nw.narwhalify
def recall_plane(timed: nw.LazyFrame) -> nw.LazyFrame:
    """The flights with what was known of the plane's previous leg, and the hour's planned load."""
    return load.with_load(plane.with_previous_leg(timed))


def join_flights(flights: Any, planes: Any, hourly: Any, *histories: Any) -> pl.LazyFrame | Blocks:
    """The training table: the flights, planes, weather, and the histories of origin, carrier, destination, number."""
    hourly = beside(hourly, flights, "time_hour", days=2)
    return without_before(_join(flights, planes, hourly, *histories), "scheduled_departure")


@each_block
@nw.narwhalify
def _join(flights: nw.LazyFrame, planes: nw.LazyFrame, hourly: nw.LazyFrame, *histories: nw.LazyFrame) -> nw.LazyFrame:
    return joined(flights, [*histories, plane.plane_facts(planes), hourly])
