"""The calendar of a day: weekday, US federal holidays, and US summer time, by rule for every year since 2007."""

from collections.abc import Sequence

import narwhals as nw

MONDAY, THURSDAY, SUNDAY = 0, 3, 6


def day_number(year: nw.Expr, month: nw.Expr, day: nw.Expr) -> nw.Expr:
    """Days since 1970-01-01 of a Gregorian date (Hinnant, `days_from_civil`); integers, so the same on every engine."""
    march_year = year - (month <= 2).cast(nw.Int64)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return 365 * march_year + march_year // 4 - march_year // 100 + march_year // 400 + day_of_year - 719468


def weekday(number: nw.Expr) -> nw.Expr:
    """Monday = 0; 1970-01-01 was a Thursday."""
    return (number + THURSDAY) % 7


def _fixed(year: nw.Expr, month: int, day: int) -> nw.Expr:
    return day_number(year, nw.lit(month), nw.lit(day))


def _first_from(year: nw.Expr, wanted: int, month: int, day: int) -> nw.Expr:
    """The first such weekday on or after a day of the month."""
    start = _fixed(year, month, day)
    return start + (wanted + 7 - weekday(start)) % 7


def _holidays(year: nw.Expr) -> Sequence[nw.Expr]:
    """Day numbers of the ten federal holidays of a year, with the nearest of the years beside it (5 U.S.C. 6103)."""
    return [
        _fixed(year - 1, 12, 25),
        _fixed(year, 1, 1),
        _first_from(year, MONDAY, 1, 15),
        _first_from(year, MONDAY, 2, 15),
        _first_from(year, MONDAY, 5, 25),
        _fixed(year, 7, 4),
        _first_from(year, MONDAY, 9, 1),
        _first_from(year, MONDAY, 10, 8),
        _fixed(year, 11, 11),
        _first_from(year, THURSDAY, 11, 22),
        _fixed(year, 12, 25),
        _fixed(year + 1, 1, 1),
    ]


def calendar(flights: nw.LazyFrame) -> nw.LazyFrame:
    """One row per date of the flights.

    `date` (text, ISO 8601), `day_number`, `weekday` (Monday = 0), `days_to_holiday` and `days_since_holiday` (0 on the
    day), and `summer_start`/`summer_end`: the instants of that year, in minutes of an airport's own standard time,
    between which US clocks are an hour ahead.
    """
    year, number = nw.col("year"), nw.col("day_number")
    text = [nw.col(part).cast(nw.String).str.zfill(2) for part in ("year", "month", "day")]
    ahead = [nw.when(day >= number).then(day - number) for day in _holidays(year)]
    behind = [nw.when(day <= number).then(number - day) for day in _holidays(year)]
    return (
        flights.select("year", "month", "day")
        .unique()
        .with_columns(day_number=day_number(year, nw.col("month"), nw.col("day")))
        .with_columns(
            date=nw.concat_str(text, separator="-"),
            weekday=weekday(number),
            days_to_holiday=nw.min_horizontal(*ahead),
            days_since_holiday=nw.min_horizontal(*behind),
            summer_start=_first_from(year, SUNDAY, 3, 8) * 1440 + 120,
            summer_end=_first_from(year, SUNDAY, 11, 1) * 1440 + 60,
        )
    )
