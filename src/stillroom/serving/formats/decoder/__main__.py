"""The decoder's process: answers each task on the connection whose file number it is started with, until it closes.

A task is answered with batches, two messages each, then an empty message and why there are no more: null, a refusal, or
the reason why the body cannot be read, which is also what is said where a body ends the process that decodes it.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import orjson

from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.decoder.decode import decode, too_large
from stillroom.serving.formats.decoder.wire import Batch, Refusal, Task

Decode = Callable[[Task, bytes], Iterator[Batch]]
PATIENCE_SECONDS = 10
# Beside the largest batch: decompressed, as Arrow's columns, as Python's values, and written.
ROOM = 64 * 2**20
GAVE_UP = "its decoder gave up on it"


def main() -> None:
    """Decode in a fork, and in another where a body ended that one: a fork starts at once.

    The end is left to the service: a signal to its whole group must not end a request that it still answers.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with Connection(int(sys.argv[1])) as service:
        while not _ended_well(lambda: serve(service)):
            end(service, GAVE_UP)


def _ended_well(run: Callable[[], None]) -> bool:
    """Whether a fork of this process that runs this ends by itself."""
    process = os.fork()
    if process == 0:
        run()
        os._exit(0)
    return os.waitpid(process, 0)[1] == 0


def serve(service: Connection) -> None:
    """Answer tasks until there are no more."""
    taken = _memory()
    while True:
        try:
            task, body = Task.receive(service)
        except EOFError:
            return
        decode = decoder(task)
        # A body that announces or decompresses to more, or takes too long, ends this process.
        _limit_memory(taken + ROOM + 2 * len(body) + 4 * task.max_bytes)
        signal.alarm(PATIENCE_SECONDS)
        end(service, answer(decode, task, body, service))
        signal.alarm(0)


def decoder(task: Task) -> Decode:
    """What reads it; the protocols are imported with the first large request, since they take time and memory."""
    if task.request is None:
        return decode
    from stillroom.serving.formats.decoder.ask import ask

    return ask


def answer(decode: Decode, task: Task, body: bytes, service: Connection) -> Refusal | str | None:
    """Send the batches; the refusal of what cannot be read or is too much."""
    try:
        for batch in decode(task, body):
            service.send_bytes(batch.columns)
            service.send_bytes(batch.numbers)
    except RefusedError as refused:
        return Refusal(refused.status, refused.sentence)
    except MemoryError:
        return Refusal(413, too_large(task.max_bytes).sentence)
    except BaseException as error:  # Arrow's panics are no Exception
        return " ".join(str(error).split())[:160]
    return None


def end(service: Connection, why: Refusal | str | None) -> None:
    """Say that there are no more batches."""
    service.send_bytes(b"")
    service.send_bytes(orjson.dumps(why))


def _limit_memory(most: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _memory() -> int:
    """What RLIMIT_DATA counts, now: bytes."""
    return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()


if __name__ == "__main__":
    main()
