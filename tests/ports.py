"""Ports for the services that tests start."""

import os
import socket
from itertools import count

# Below the range that the kernel gives to outgoing connections, one of which would otherwise take a port
# between its choice and the start of the service; each of pytest's workers has a range of its own.
FIRST, EACH = 12_000, 500
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_ports = count(FIRST + _WORKER % 40 * EACH)


def free_port() -> int:
    """A port of the loopback address that nobody listens at, and that this process has not given out before."""
    for port in _ports:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("the ports do not end")
