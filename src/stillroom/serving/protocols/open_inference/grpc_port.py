"""The port of gRPC, taken before the workers start, which would start ever again where they cannot have it."""

import socket

from stillroom.serving.settings import PREFIX, SettingsError

VARIABLE = f"{PREFIX}GRPC_PORT"


def hold_port(host: str, port: int) -> list[socket.socket]:
    """Sockets that keep this port for the workers of one service, who share it, for as long as they are not closed.

    Raises SettingsError where somebody listens there, or nobody may.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        addresses = {(family, address) for family, _, _, _, address in found}
        for family, address in addresses:
            _bound(family, address, socket.SO_REUSEADDR).close()  # which fails beside another service's workers, too
        return [_bound(family, address, socket.SO_REUSEPORT) for family, address in addresses]
    except OSError as error:
        raise SettingsError(f"{VARIABLE}: {host}:{port} cannot be listened on ({error.strerror})") from error


def _bound(family: int, address: tuple[object, ...], option: int) -> socket.socket:
    """A socket that is bound, and takes no connections."""
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, option, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
