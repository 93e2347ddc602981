"""uvicorn's HTTP protocol, made to hold out against overload and clients that never finish.

A request that is turned away costs a read and a write: nothing of it is parsed, no task is made. Where everything is
parsed before it is turned away, half as much again as a service can answer costs it a third of its answers.
"""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn._types import ASGI3Application
from uvicorn.config import HTTP_PROTOCOLS
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from stillroom.serving.admission import RETRY_AFTER_SECONDS

SENTENCE = b'{"error":"too many requests are waiting already; try again"}'
BUSY = b"\r\n".join(
    [
        b"HTTP/1.1 503 Service Unavailable",
        b"content-type: application/json",
        b"content-length: %d" % len(SENTENCE),
        b"retry-after: %d" % RETRY_AFTER_SECONDS,
        b"",
        SENTENCE,
    ]
)
LENGTH = b"\r\ncontent-length:"
NEVER_TURNED_AWAY = b"POST /admin"
# In an ASGI scope: that the request's body is there already, and the task to be cancelled where its client leaves.
WHOLE, TASK = "stillroom.whole", "stillroom.task"


class Http(HttpToolsProtocol):
    """One connection.

    Of the requests that wait for their turn at most ``most`` are kept; each one more is answered with a 503. Probes,
    metrics and the admin's routes never are. A connection on which the head of a request does not come within
    ``patience`` seconds is closed; so is one whose client reads nothing of what was written for as long.
    ``on_turned_away`` hears of each that is turned away.
    """

    most = 256
    patience = 10.0
    on_turned_away: ClassVar[Callable[[], None]] = staticmethod(lambda: None)
    _answering: RequestResponseCycle | None = None
    _unread = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # BentoML's log drops what uvicorn would write of each request, once it is written.
        self.access_log = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._head_began = True
        self._wait(self.patience)
        self._alarm = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more, and let nobody work for a client that has left."""
        self._alarm.cancel()
        super().connection_lost(exc)
        self.pipeline.clear()
        if self._answering and not self._answering.response_complete:
            self._answering.disconnected = True
            if task := self._answering.scope.pop(TASK, None):  # type: ignore[misc]
                task.cancel()

    def data_received(self, data: bytes) -> None:
        """Turn a request away unread, or let uvicorn read it."""
        if (
            len(self.tasks) >= self.most
            and self._is_between_requests()
            and not self.flow.write_paused
            and is_whole_request(data)
        ):
            type(self).on_turned_away()
            self.transport.write(BUSY)
            self._wait(self.timeout_keep_alive)
            return
        super().data_received(data)
        if not self._head_began and self._is_between_requests():
            self._head_began = True
            self._wait(self.patience)

    def on_message_complete(self) -> None:
        """Tell the app that nothing is left to wait for."""
        self.scope[WHOLE] = True  # type: ignore[literal-required]
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """What uvicorn does, but for its timer, of which it starts and stops one a request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._head_began = False
            self._wait(self.timeout_keep_alive)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _is_between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait(self, seconds: float) -> None:
        self._until = self.loop.time() + seconds

    def _look(self) -> None:
        before, self._unread = self._unread, self.transport.get_write_buffer_size()
        left = self._until - self.loop.time() if self._is_between_requests() else self.patience
        if self._unread and self._unread == before:
            self.transport.abort()
            return
        if left <= 0 and not self._unread:
            self.transport.close()
            return
        self._alarm = self.loop.call_later(self.patience if self._unread else left, self._look)


def is_whole_request(data: bytes) -> bool:
    """Whether these bytes are one POST request that may be turned away, head and body, and nothing after it."""
    if not data.startswith(b"POST ") or data.startswith(NEVER_TURNED_AWAY):
        return False
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return False
    fields = data[:head].lower()
    found = fields.find(LENGTH)
    if found < 0:
        return False
    length = fields[found + len(LENGTH) :].split(b"\r\n", 1)[0].strip()
    return length.isdigit() and len(data) == head + 4 + int(length)


def use_http(most: int, patience: float) -> None:
    """Make uvicorn serve by this protocol from now on: BentoML starts it without asking which."""
    Http.most, Http.patience = most, patience
    HTTP_PROTOCOLS["auto"] = f"{__name__}:{Http.__name__}"
