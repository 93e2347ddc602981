"""The gRPC server in a process of its own, for the tests.

Our protobuf definitions and tritonclient's have the same names, and one process can hold only one of them.
Run as a module: arguments are the config as JSON and the paths of ONNX files; it prints a line once it answers, and
ends with SIGTERM.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from ports import free_port
from serving.loopback import predictor_of
from stillroom.serving.settings import ServiceConfig

GRACE_SECONDS = 5.0


@dataclass(frozen=True)
class Served:
    """A server that answers at ``address``, host and port."""

    address: str
    process: subprocess.Popen

    def channel(self) -> grpc.Channel:
        """A connection to it."""
        return grpc.insecure_channel(self.address)


@contextmanager
def served(*onnx: bytes, folder: Path, **config: Any) -> Iterator[Served]:
    """Serve these models, versions v1, v2, ...; ``config`` are settings of the service."""
    settings = ServiceConfig(**{"grpc_host": "127.0.0.1", "grpc_port": free_port(), **config})
    paths = [folder / f"{number}.onnx" for number in range(len(onnx))]
    for path, model in zip(paths, onnx, strict=True):
        path.write_bytes(model)
    command = [sys.executable, "-m", __name__, settings.model_dump_json(), *map(str, paths)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield Served(f"127.0.0.1:{settings.grpc_port}", process)
        finally:
            process.terminate()


async def serve(config: ServiceConfig, onnx: list[bytes]) -> None:
    from stillroom.serving.protocols.open_inference.grpc_server import start

    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    server = await start(predictor_of(*onnx, config=config), config)
    print("ready", flush=True)
    await ended.wait()
    await server.stop(GRACE_SECONDS)


if __name__ == "__main__":
    asyncio.run(
        serve(ServiceConfig.model_validate_json(sys.argv[1]), [Path(path).read_bytes() for path in sys.argv[2:]])
    )
