"""How busy the hour of departure was planned to be."""

import narwhals as nw


def origin_load(flights: nw.LazyFrame) -> nw.LazyFrame:
    """Per origin and hour: scheduled departures."""
    return flights.group_by("origin", "time_hour").agg(origin_load=nw.len().cast(nw.Int64))


def carrier_load(flights: nw.LazyFrame) -> nw.LazyFrame:
    """Per origin, carrier and hour: scheduled departures."""
    return flights.group_by("origin", "carrier", "time_hour").agg(carrier_load=nw.len().cast(nw.Int64))
