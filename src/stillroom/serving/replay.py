"""Replay rows of the past through a model and its profile path, as if they were being served."""

import datetime as dt
from collections.abc import Mapping

import numpy as np
from whylogs.core import DatasetProfileView

from stillroom.serving.model import Model, as_columns
from stillroom.serving.profile_columns import profile_batch


def replay(
    model: Model, table: Mapping[str, np.ndarray], days: np.ndarray
) -> tuple[dict[dt.date, DatasetProfileView], np.ndarray]:
    """Predict rows day by day and profile each day as the service would; `days` is [rows] of datetime64[D].

    Returns the profiles by day, and the predictions in the order of the rows.
    """
    profiles: dict[dt.date, DatasetProfileView] = {}
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    for day in np.unique(days):
        rows = np.flatnonzero(days == day)
        columns = as_columns(model.signature, {name: values[rows] for name, values in table.items()})
        predictions = model.predict(columns)
        date = day.astype(dt.date)
        noon = dt.datetime.combine(date, dt.time(12), dt.UTC)
        profiles[date] = profile_batch(model.signature, columns, predictions, noon)
        parts.append((rows, predictions))
    order = np.argsort(np.concatenate([rows for rows, _ in parts]))
    return profiles, np.concatenate([predictions for _, predictions in parts])[order]
