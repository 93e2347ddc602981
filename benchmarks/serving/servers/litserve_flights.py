"""LitServe with its defaults: one API server, one worker.

python litserve_flights.py PORT
"""

import sys
from typing import Any

import litserve as ls
from flights import Flights


class FlightsAPI(ls.LitAPI):
    """Predictions of the flights."""

    def setup(self, device: str) -> None:
        """Load the model."""
        self.model = Flights()

    def decode_request(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows of the body."""
        return request["rows"]

    def predict(self, rows: list[dict[str, Any]]) -> list[float]:
        """One prediction a row."""
        return self.model.predict(rows)

    def encode_response(self, predictions: list[float]) -> dict[str, list[float]]:
        """The answer."""
        return {"predictions": predictions}


if __name__ == "__main__":
    server = ls.LitServer(FlightsAPI(), accelerator="cpu", workers_per_device=1)
    port = int(sys.argv[1])
    server.run(host="127.0.0.1", port=port, num_api_servers=1, log_level="warning", generate_client_file=False)
