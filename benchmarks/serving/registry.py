"""The servers: how each is started, where it is asked, and in what form."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from serving.work import records, tensors

FOLDER = Path(__file__).parent / "servers"
LISTEN = ("--host", "127.0.0.1", "--port", "PORT")
QUIET = ("--no-access-log", "--log-level", "warning")
UVICORN = ("-m", "uvicorn", "--loop", "uvloop", "--http", "httptools", *QUIET, *LISTEN)
BENTOML = ("-m", "bentoml", "serve", *LISTEN)


@dataclass(frozen=True)
class Server:
    """A server; its command is a Python's arguments, its port put in place of PORT."""

    name: str
    arguments: tuple[str, ...]
    python: Path = Path(sys.executable)
    path: str = "/predict"
    body: Callable[..., bytes] = records
    environment: dict[str, str] = field(default_factory=dict)


def registry(bento: str, environments: Path) -> dict[str, Server]:
    """All servers by name; those with dependencies of their own have a virtual environment each."""
    mlserver = {f"MLSERVER_{name}": value for name, value in _MLSERVER.items()}
    servers = [
        Server("ours", (*BENTOML, bento)),
        Server("floor", (*UVICORN, "floor:app")),
        Server("FastAPI", (*UVICORN, "fastapi_pydantic:app")),
        Server("FastAPI quick", (*UVICORN, "fastapi_pydantic:quick")),
        Server("BentoML stock", (*BENTOML, "bentoml_stock:Stock")),
        Server("LitServe", ("litserve_flights.py", "PORT"), environments / "serving-litserve/bin/python"),
        Server(
            "MLServer",
            ("-c", "from mlserver.cli import main; main()", "start", "."),
            environments / "serving-mlserver/bin/python",
            "/v2/models/flights/infer",
            tensors,
            {**mlserver, "MLSERVER_HTTP_PORT": "PORT"},
        ),
        Server("Ray Serve", ("ray_flights.py", "PORT"), environments / "serving-ray/bin/python"),
        Server("uvicorn alone", (*UVICORN, "empty:app")),
    ]
    return {server.name: server for server in servers}


# One process, and nothing logged by request.
_MLSERVER = {
    "HOST": "127.0.0.1",
    "PARALLEL_WORKERS": "0",
    "DEBUG": "false",
    "MODEL_NAME": "flights",
    "MODEL_IMPLEMENTATION": "mlserver_flights.FlightsModel",
}
