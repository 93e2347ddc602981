"""BentoML as its documentation says: `@bentoml.service` and `@bentoml.api`, with their defaults."""

from typing import Any

import bentoml
from flights import Flights


@bentoml.service
class Stock:
    """Predictions of the flights."""

    def __init__(self) -> None:
        self.model = Flights()

    @bentoml.api
    def predict(self, rows: list[dict[str, Any]]) -> dict[str, list[float]]:
        """Rows in, predictions out."""
        return {"predictions": self.model.predict(rows)}
