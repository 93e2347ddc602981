"""How busy the hour of departure was planned to be."""

import narwhals as nw


def with_load(flights: nw.LazyFrame) -> nw.LazyFrame:
    """The flights with the departures scheduled in the same hour: of the origin, and of the carrier there."""
    return flights.with_columns(
        origin_load=nw.len().over("origin", "time_hour").cast(nw.Int64),
        carrier_load=nw.len().over("origin", "carrier", "time_hour").cast(nw.Int64),
    )
