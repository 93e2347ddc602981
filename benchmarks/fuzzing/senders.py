"""What sends a body to a target and tells the status of its answer, in HTTP's numbers."""

import asyncio
import base64
import http.client
import time

import grpc
from mangum import Mangum
from starlette.routing import Router

from fuzzing.targets import Target
from serving.loopback import predictor_of
from serving.onnx_models import multiclass
from serving.protocols.lambda_events import http_api_2
from stillroom.serving.app import routes
from stillroom.serving.settings import ServiceConfig

REFUSED = {grpc.StatusCode.INVALID_ARGUMENT: 400, grpc.StatusCode.NOT_FOUND: 404, grpc.StatusCode.OUT_OF_RANGE: 400}


class Http:
    """One connection that is kept, as long as the service keeps it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(600):
            try:
                self._connection.connect()
                break
            except OSError:
                time.sleep(0.1)

    def send(self, target: Target, body: bytes) -> int:
        """POST it."""
        try:
            self._connection.request("POST", target.path, body, target.headers)
            answer = self._connection.getresponse()
            answer.read()
        except BaseException:
            self._connection.close()
            raise
        return answer.status


class Grpc:
    """ModelInfer with whatever bytes."""

    def __init__(self, port: int) -> None:
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")

    def send(self, target: Target, body: bytes) -> int:
        """200, or the status that means the same as gRPC's; 500 for INTERNAL of a message that protobuf reads."""
        try:
            self._infer(body, timeout=60, wait_for_ready=True)
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.INTERNAL and "deserializing" in (error.details() or "").lower():
                return 400  # gRPC's own answer to bytes that are no message
            return REFUSED.get(error.code(), 500)
        return 200


class Lambda:
    """The handler of deploy/lambda, in this process, with events of API Gateway."""

    def __init__(self) -> None:
        config = ServiceConfig(deadline_seconds=60)
        asyncio.set_event_loop(asyncio.new_event_loop())
        answering = routes(predictor_of(multiclass(), config=config), config)
        self._handler = Mangum(Router(answering, redirect_slashes=False), lifespan="off")

    def send(self, target: Target, body: bytes) -> int:
        """Call it with the body in base64."""
        event = http_api_2("/predict", base64.b64encode(body).decode(), encoded=True)
        return self._handler(event, {})["statusCode"]
