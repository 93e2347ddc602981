"""AWS Lambda's runtime API on loopback: what the runtime interface client asks for events and hands answers to.

Source: "Using the Lambda runtime API for custom runtimes", version 2018-06-01.
"""

import json
import queue
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ROOT = "/2018-06-01/runtime"
PATIENCE = 120.0


class RuntimeApi(ThreadingHTTPServer):
    """Hands out one event at a time; what comes back is its answer, or the error of the function or of its start."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Calls)
        self.events: queue.Queue[Any] = queue.Queue()
        self.answers: queue.Queue[tuple[str, Any]] = queue.Queue()

    @property
    def address(self) -> str:
        """Host and port, as the variable AWS_LAMBDA_RUNTIME_API has them."""
        return f"127.0.0.1:{self.server_port}"

    def invoke(self, event: Any) -> dict[str, Any]:
        """The function's answer to an event."""
        self.events.put(event)
        return self.heard("response")

    def heard(self, kind: str) -> Any:
        """What the client says next, which must be of this kind: response, or error."""
        said, document = self.answers.get(timeout=PATIENCE)
        assert said == kind, document
        return document


class _Calls(BaseHTTPRequestHandler):
    server: RuntimeApi

    def do_GET(self) -> None:
        """The next event."""
        assert self.path == f"{ROOT}/invocation/next"
        event = json.dumps(self.server.events.get()).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4()))
        self.send_header("Lambda-Runtime-Deadline-Ms", "9999999999999")
        self.send_header(
            "Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:flights"
        )
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self) -> None:
        """An answer or an error."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answers.put((self.path.rpartition("/")[2], json.loads(body)))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


@contextmanager
def runtime(command: list[str], env: dict[str, str], cwd: str) -> Iterator[RuntimeApi]:
    """Run the runtime interface client, as Lambda does, and yield the API that it asks."""
    api = RuntimeApi()
    threading.Thread(target=api.serve_forever, daemon=True).start()
    process = subprocess.Popen(command, env={**env, "AWS_LAMBDA_RUNTIME_API": api.address}, cwd=cwd)
    try:
        yield api
    finally:
        process.kill()
        process.wait()
        api.shutdown()
        api.server_close()
