"""Reading a request's body, never more of it than declared."""

from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from stillroom.serving.errors import RefusedError

JSON = b"application/json"


async def read_body(scope: Scope, receive: Receive, longest: int) -> bytes:
    """The whole body of at most ``longest`` bytes.

    Raises RefusedError for a content type other than JSON (none at all counts as JSON) and for a body that is, or
    says it will be, longer; ClientDisconnect where the client left before the end.
    """
    headers = dict(scope["headers"])
    content_type = headers.get(b"content-type", JSON).partition(b";")[0].strip().lower()
    if content_type != JSON:
        raise RefusedError(415, f"send the body as application/json, not as {content_type.decode('latin-1')[:80]}")
    if int(headers.get(b"content-length", 0)) > longest:
        raise _too_long(longest)
    return await _gather(receive, longest)


async def _gather(receive: Receive, longest: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > longest:
            raise _too_long(longest)
        if not message.get("more_body"):
            return b"".join(chunks)


def _too_long(longest: int) -> RefusedError:
    return RefusedError(413, f"the body is longer than the {longest} bytes that one request may hold")
