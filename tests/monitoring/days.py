"""Daily profiles of a small table whose days can be changed at will."""

import datetime as dt

import numpy as np

from stillroom.profiles import fold, new_profile

FIRST_LIVE_DAY = dt.date(2013, 12, 1)


def profile_of(columns):
    profile = new_profile()
    fold(profile, columns)
    return profile.view()


def day_of_rows(rng, rows=1_000, shift=0.0, new_share=0.0, missing_share=0.0):
    """Two inputs and the prediction: `temp` may move or go missing, `carrier` may get a carrier never seen."""
    temp = rng.normal(shift, 1, rows)
    temp[rng.random(rows) < missing_share] = np.nan
    carrier = rng.choice(np.array(["UA", "B6", "EV"], dtype=object), rows, p=[0.5, 0.3, 0.2])
    carrier[rng.random(rows) < new_share] = "ZZ"
    return {"temp": temp, "carrier": carrier, "prediction": rng.beta(2, 6, rows)}


def days_of(first, changes, seed, rows=1_000):
    """(date, rows) for each of the changes, which are keywords of ``day_of_rows``."""
    rng = np.random.default_rng(seed)
    return [(first + dt.timedelta(i), day_of_rows(rng, rows, **change)) for i, change in enumerate(changes)]


def views(days):
    return [(date, profile_of(columns)) for date, columns in days]


def whole(days):
    return profile_of({name: np.concatenate([columns[name] for _, columns in days]) for name in days[0][1]})
