"""The calendar of a day: weekday, US federal holidays, and US summer time, by rule for every year since 2007."""

import narwhals as nw

MONDAY, THURSDAY, SUNDAY = 0, 3, 6

FIXED = {"christmas_before": (-1, 12, 25), "new_year": (0, 1, 1), "juneteenth": (0, 6, 19), "independence": (0, 7, 4),
         "veterans": (0, 11, 11), "christmas": (0, 12, 25), "new_year_after": (1, 1, 1)}  # fmt: skip
"""Holidays by date: years from the row's, month, day."""

SINCE = {"juneteenth": 2021}
"""The first year of those that have not always been holidays."""

MOVING = {"king": (MONDAY, 1, 15), "washington": (MONDAY, 2, 15), "memorial": (MONDAY, 5, 25), "labor": (MONDAY, 9, 1),
          "columbus": (MONDAY, 10, 8), "thanksgiving": (THURSDAY, 11, 22)}  # fmt: skip
"""Holidays by weekday (5 U.S.C. 6103): the first such weekday from that day of the month."""


def day_number(year: nw.Expr, month: nw.Expr, day: nw.Expr) -> nw.Expr:
    """Days since 1970-01-01 of a Gregorian date (Hinnant, `days_from_civil`); integers, so the same on every engine."""
    return _march_first(year - (month <= 2).cast(nw.Int64)) + (153 * ((month + 9) % 12) + 2) // 5 + day - 1


def _march_first(year: nw.Expr) -> nw.Expr:
    return 365 * year + year // 4 - year // 100 + year // 400 - 719468


def _of(month: int, day: int, years: int = 0) -> nw.Expr:
    """The day number of a date in the row's year, or some years from it."""
    march_first = _march_first(nw.col("year") + (years - int(month <= 2)))
    return march_first + ((153 * ((month + 9) % 12) + 2) // 5 + day - 1)


def _weekday(number: nw.Expr) -> nw.Expr:
    """Monday = 0; 1970-01-01 was a Thursday."""
    return (number + THURSDAY) % 7


def _first(weekday: int, month: int, day: int) -> nw.Expr:
    start = _of(month, day)
    return start + (weekday + 7 - _weekday(start)) % 7


def calendar(flights: nw.LazyFrame) -> nw.LazyFrame:
    """One row per date of the flights.

    `date` (text, ISO 8601), `day_number`, `weekday` (Monday = 0), `days_to_holiday` and `days_since_holiday` (0 on the
    day), and `summer_start`/`summer_end`: the instants of that year, in minutes of an airport's own standard time,
    between which US clocks are an hour ahead.
    """
    date = [nw.col(part).cast(nw.String).str.zfill(2) for part in ("year", "month", "day")]
    fixed = {name: _of(month, day, years) for name, (years, month, day) in FIXED.items()}
    fixed |= {name: nw.when(nw.col("year") >= year).then(fixed[name]) for name, year in SINCE.items()}
    moving = {name: _first(*rule) for name, rule in MOVING.items()}
    number, holidays = nw.col("day_number"), [nw.col(name) for name in (*FIXED, *MOVING)]
    return (
        flights.select("year", "month", "day")
        .unique()
        .with_columns(day_number=day_number(*(nw.col(part) for part in ("year", "month", "day"))), **fixed, **moving)
        .with_columns(
            date=nw.concat_str(date, separator="-"),
            weekday=_weekday(number),
            days_to_holiday=nw.min_horizontal(*[nw.when(day >= number).then(day - number) for day in holidays]),
            days_since_holiday=nw.min_horizontal(*[nw.when(day <= number).then(number - day) for day in holidays]),
            summer_start=_first(SUNDAY, 3, 8) * 1440 + 120,
            summer_end=_first(SUNDAY, 11, 1) * 1440 + 60,
        )
        .drop(*FIXED, *MOVING)
    )
