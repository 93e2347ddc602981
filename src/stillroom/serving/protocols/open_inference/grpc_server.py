"""Open Inference Protocol v2 over gRPC, in the service's own event loop, on a port of its own.

Only this module and those it imports alone need grpcio, so that a service without the port never loads it.
Source: inference_grpc.md of the protocol.
"""

# The calls have the protocol's own names.
# ruff: noqa: N802

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message

from stillroom.serving.endpoint import FAILED
from stillroom.serving.errors import RefusedError
from stillroom.serving.predictor import Predictor
from stillroom.serving.protocols.open_inference import grpc_predict_v2_pb2 as pb2
from stillroom.serving.protocols.open_inference import messages, model
from stillroom.serving.settings import ServiceConfig

logger = logging.getLogger(__name__)
LABEL = "open_inference_grpc"
SERVICE = pb2.DESCRIPTOR.services_by_name["GRPCInferenceService"]
CODES = {
    404: grpc.StatusCode.NOT_FOUND,
    408: grpc.StatusCode.DEADLINE_EXCEEDED,
    413: grpc.StatusCode.RESOURCE_EXHAUSTED,
    500: grpc.StatusCode.INTERNAL,
    503: grpc.StatusCode.UNAVAILABLE,
}
Answer = Callable[[Any], Awaitable[Message]]


async def start(predictor: Predictor, config: ServiceConfig) -> grpc.aio.Server:
    """Answer on ``config.grpc_port``; the workers of one service share it by SO_REUSEPORT.

    The server's own ``stop(grace)`` takes no more calls, and gives those within it so many seconds to end. Raises
    RuntimeError where the port is taken.
    """
    options = [("grpc.so_reuseport", 1), ("grpc.max_receive_message_length", config.max_body_bytes)]
    server = grpc.aio.server(options=options)
    server.add_generic_rpc_handlers((_handlers(Inference(predictor), config.timeout_seconds),))
    server.add_insecure_port(f"{config.grpc_host}:{config.grpc_port}")
    await server.start()
    return server


class Inference:
    """The protocol's calls; each raises RefusedError where it cannot be answered."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._versions = predictor.versions

    async def ServerLive(self, request: pb2.ServerLiveRequest) -> Message:
        """Whether the server answers."""
        return pb2.ServerLiveResponse(live=True)

    async def ServerReady(self, request: pb2.ServerReadyRequest) -> Message:
        """Whether more calls are wanted: the model is loaded before the port is open."""
        return pb2.ServerReadyResponse(ready=self._versions.ready)

    async def ModelReady(self, request: pb2.ModelReadyRequest) -> Message:
        """Whether this version is loaded, and more calls are wanted."""
        model.find(self._versions, request.name, request.version or None)
        return pb2.ModelReadyResponse(ready=self._versions.ready)

    async def ServerMetadata(self, request: pb2.ServerMetadataRequest) -> Message:
        """The server's name, version and extensions."""
        return pb2.ServerMetadataResponse(**model.SERVER)

    async def ModelMetadata(self, request: pb2.ModelMetadataRequest) -> Message:
        """The model's versions, inputs and outputs."""
        version = model.find(self._versions, request.name, request.version or None)
        return pb2.ModelMetadataResponse(**model.metadata(version, self._versions))

    async def ModelInfer(self, request: pb2.ModelInferRequest) -> Message:
        """Predictions; counted in the metrics like those over HTTP."""
        metrics, begun = self._predictor.metrics, perf_counter()
        status, number, rows = 500, "", 0
        metrics.in_flight += 1
        try:
            version = self._versions.pick(request.model_version or None)
            model.check_name(request.model_name, version)
            number = version.number
            model.check_outputs([each.name for each in request.outputs], version.signature)
            pieces = version.reader.columns(messages.columns(request))
            predictions = await self._predictor.predict(version, pieces, begun)
            status, rows = 200, len(predictions)
            return messages.response(request, predictions, version)
        except RefusedError as refused:
            status = refused.status
            raise
        finally:
            metrics.in_flight -= 1
            metrics.answered(LABEL, number, status, rows, perf_counter() - begun)


def _handlers(inference: Inference, patience: float) -> grpc.GenericRpcHandler:
    # A unary call is a stream of one message on the wire; reading it so lets a message that never ends time out.
    handlers = {
        method.name: grpc.stream_unary_rpc_method_handler(
            _guarded(getattr(inference, method.name), patience),
            request_deserializer=getattr(pb2, method.input_type.name).FromString,
            response_serializer=getattr(pb2, method.output_type.name).SerializeToString,
        )
        for method in SERVICE.methods
    }
    return grpc.method_handlers_generic_handler(SERVICE.full_name, handlers)


def _guarded(answer: Answer, patience: float) -> Callable[..., Awaitable[Message]]:
    """The call with its errors as gRPC's status codes: one sentence, never a stack trace."""

    async def guarded(_: Any, context: grpc.aio.ServicerContext) -> Message:
        try:
            return await answer(await _message(context, patience))
        except RefusedError as caught:
            refused = caught
        except DecodeError:
            refused = RefusedError(400, "the message is not what the protocol's definition says")
        except Exception:
            logger.exception("a call failed")
            refused = RefusedError(500, FAILED)
        return await _abort(context, refused)

    return guarded


async def _message(context: grpc.aio.ServicerContext, patience: float) -> Any:
    try:
        async with asyncio.timeout(patience):
            message = await context.read()
    except TimeoutError:
        raise RefusedError(408, f"the message did not come within {patience:g} s") from None
    if message is grpc.aio.EOF:
        raise RefusedError(400, "the call has no message")
    return message


async def _abort(context: grpc.aio.ServicerContext, refused: RefusedError) -> Any:
    code = CODES.get(refused.status, grpc.StatusCode.INVALID_ARGUMENT)
    # What gRPC's clients wait by before they try again: https://github.com/grpc/proposal/blob/master/A6-client-retries.md
    wait = () if refused.retry_after is None else (("grpc-retry-pushback-ms", str(1000 * refused.retry_after)),)
    await context.abort(code, refused.sentence, wait)
