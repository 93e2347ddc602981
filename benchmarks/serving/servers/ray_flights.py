"""Ray Serve: one replica of one deployment.

python ray_flights.py PORT
"""

import sys

import ray
from flights import Flights
from ray import serve
from starlette.requests import Request


@serve.deployment(num_replicas=1)
class Deployment:
    """Predictions of the flights."""

    def __init__(self) -> None:
        self.model = Flights()

    async def __call__(self, request: Request) -> dict[str, list[float]]:
        """Rows in, predictions out."""
        return {"predictions": self.model.predict((await request.json())["rows"])}


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(Deployment.bind(), route_prefix="/predict", blocking=True)
