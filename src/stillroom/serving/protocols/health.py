"""Whether the service wants requests, for protocols whose probes look at the status code alone."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from stillroom.serving.versions import Versions

ENDING = "the service is ending"


def readiness_status(versions: Versions) -> int:
    """200, or 503 once the service is ending."""
    return 200 if versions.ready else 503


def health(versions: Versions) -> Callable[[Request], Awaitable[Response]]:
    """The answer to a probe: an empty 200, or 503 once the service is ending."""

    async def healthy(request: Request) -> Response:
        return PlainTextResponse("" if versions.ready else ENDING, readiness_status(versions))

    return healthy
