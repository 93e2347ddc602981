"""The calendar by rule, against calendars that others keep."""

import datetime as dt
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
from pandas.tseries.holiday import Holiday, USFederalHolidayCalendar

from stillroom.pipelines.prepare.flights.holidays import calendar

# Leap years in and around, and Juneteenth, a holiday since 2021.
FIRST, LAST = dt.date(2008, 1, 1), dt.date(2024, 12, 31)


def days():
    dates = pl.DataFrame({"day_of": pl.date_range(FIRST, LAST, eager=True)})
    parts = dates.select(
        year=pl.col("day_of").dt.year().cast(pl.Int64),
        month=pl.col("day_of").dt.month().cast(pl.Int64),
        day=pl.col("day_of").dt.day().cast(pl.Int64),
    )
    return calendar(nw.from_native(parts.lazy())).to_native().collect().sort("day_number")


def test_day_number_and_weekday_are_those_of_datetime():
    ours = days()
    theirs = [FIRST + dt.timedelta(days=i) for i in range(len(ours))]
    assert ours["date"].to_list() == [day.isoformat() for day in theirs]
    assert ours["day_number"].to_list() == [(day - dt.date(1970, 1, 1)).days for day in theirs]
    assert ours["weekday"].to_list() == [day.weekday() for day in theirs]


def test_distances_to_federal_holidays_are_those_of_pandas():
    ours = days()
    # pandas moves a holiday on a weekend to the working day beside it; travel goes by the day itself.
    rules = [
        Holiday(rule.name, month=rule.month, day=rule.day, offset=rule.offset, start_date=rule.start_date)
        for rule in USFederalHolidayCalendar.rules
    ]
    dates = [rule.dates(pd.Timestamp(2007, 12, 1), pd.Timestamp(2025, 2, 1)) for rule in rules]
    holidays = np.sort(np.concatenate([d.values for d in dates]).astype("datetime64[D]"))
    day = np.array(ours["date"].to_list(), dtype="datetime64[D]")
    ahead = holidays[np.searchsorted(holidays, day, side="left")] - day
    behind = day - holidays[np.searchsorted(holidays, day, side="right") - 1]
    assert ours["days_to_holiday"].to_list() == ahead.astype(int).tolist()
    assert ours["days_since_holiday"].to_list() == behind.astype(int).tolist()


def test_summer_time_begins_and_ends_with_new_yorks_clocks():
    def hours_from_utc(standard_minutes):
        instant = dt.datetime(1970, 1, 1, 5, tzinfo=dt.UTC) + dt.timedelta(minutes=standard_minutes)
        return instant.astimezone(ZoneInfo("America/New_York")).utcoffset() // dt.timedelta(hours=1)

    for row in days().unique("year").to_dicts():
        around = [row["summer_start"] - 1, row["summer_start"], row["summer_end"] - 1, row["summer_end"]]
        assert [hours_from_utc(minutes) for minutes in around] == [-5, -4, -4, -5]
