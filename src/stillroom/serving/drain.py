"""Graceful shutdown: between SIGTERM and the end of a worker nothing that was asked for goes unanswered."""

import asyncio
import math
import os
import signal
import socket
from contextlib import suppress
from typing import Self

from uvicorn import Server

from stillroom.serving.settings import ServiceConfig
from stillroom.serving.versions import Versions

CLOSE = (b"connection", b"close")


class Drain:
    """The end of one worker, in three steps.

    For ``drain_seconds`` the readiness probes of all protocols say no, and everything else is answered as ever, so that
    load balancers turn elsewhere. Then nobody listens any more, so that a proxy's next connection is refused and goes
    to another replica, while replies on open connections close these. Once there are none, or the others have been
    idle for uvicorn's keep-alive time, uvicorn ends: requests in flight get at most ``timeout_seconds``.
    """

    def __init__(self, versions: Versions, server: Server, config: ServiceConfig) -> None:
        self._versions, self._server, self._seconds = versions, server, config.drain_seconds
        self._task: asyncio.Task[None] | None = None
        # BentoML leaves it unlimited: one client that never ends its body would keep the worker for ever.
        server.config.timeout_graceful_shutdown = math.ceil(config.timeout_seconds)

    @classmethod
    def at_sigterm(cls, versions: Versions, config: ServiceConfig) -> Self | None:
        """Take SIGTERM over from the uvicorn server that runs in this process; None where there is none."""
        server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
        if not isinstance(server, Server):
            return None
        drain = cls(versions, server, config)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, drain.begin)
        return drain

    def begin(self) -> None:
        """Begin to end; a second signal changes nothing, since supervisors may send one each."""
        if self._task is None:
            self._task = asyncio.create_task(self._end())

    async def _end(self) -> None:
        self._versions.ready = False
        await asyncio.sleep(self._seconds)
        self._close_when_answered()
        await self._stop_listening()
        await self._until_closed(self._server.config.timeout_keep_alive)
        self._server.handle_exit(signal.SIGTERM, None)

    async def _stop_listening(self) -> None:
        # BentoML's supervisor holds these sockets too. Were they only closed here, the kernel would go on to accept
        # connections that nobody answers; so they are shut down for all processes, once nobody waits in them.
        accepted: list[socket.socket] = []
        for listener in self._server.servers:
            shared = [socket.socket(fileno=os.dup(each.fileno())) for each in listener.sockets]
            listener.close()
            for each in shared:
                accepted += _waiting(each)
                # Another worker of the service may have been first.
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RD)
                each.close()
        await asyncio.gather(*(self._serve(each) for each in accepted))

    async def _serve(self, connection: socket.socket) -> None:
        config, loop = self._server.config, asyncio.get_running_loop()

        def protocol() -> asyncio.Protocol:
            states = {"server_state": self._server.server_state, "app_state": self._server.lifespan.state}
            return config.http_protocol_class(config=config, **states)  # type: ignore[call-arg]

        await loop.connect_accepted_socket(protocol, connection, ssl=config.ssl)

    def _close_when_answered(self) -> None:
        # uvicorn renews the default headers from the encoded ones once a second.
        self._server.config.encoded_headers.append(CLOSE)
        self._server.server_state.default_headers = [*self._server.server_state.default_headers, CLOSE]

    async def _until_closed(self, seconds: float) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while self._server.server_state.connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)


def _waiting(listener: socket.socket) -> list[socket.socket]:
    """The connections that the kernel has taken and nobody has accepted yet."""
    listener.setblocking(False)
    found: list[socket.socket] = []
    while True:
        try:
            found.append(listener.accept()[0])
        except OSError:  # there is none, or another worker has shut it down
            return found
