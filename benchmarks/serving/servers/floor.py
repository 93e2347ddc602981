"""The floor: bare Starlette, orjson and ONNX Runtime, nothing checked, counted or logged."""

import orjson
from flights import Flights
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

model = Flights()


async def predict(request: Request) -> Response:
    """Rows in, predictions out."""
    rows = orjson.loads(await request.body())["rows"]
    return Response(orjson.dumps({"predictions": model.predict(rows)}), media_type="application/json")


app = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
