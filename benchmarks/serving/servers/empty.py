"""uvicorn alone: reads the body and answers the same bytes to all; what is left is uvicorn, the kernel and wrk."""

from typing import Any

ANSWER = b'{"predictions":[0.123456789],"model":"stillroom_flights:aaaaaaaaaaaaaaaa"}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", str(len(ANSWER)).encode())]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer at once."""
    if scope["type"] == "http":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": ANSWER})
