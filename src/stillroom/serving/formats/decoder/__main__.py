"""The decoder's process: answers each task on the connection whose file number it is started with, until it closes."""

import pickle
import signal
import sys
from multiprocessing.connection import Connection
from typing import Any

from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.decoder.decode import Task, decode


def answer(task: Task) -> Any:
    """The batches, a refusal's status and sentence, or the reason why the body cannot be read."""
    try:
        return decode(task)
    except RefusedError as refused:
        return refused.status, refused.sentence
    except BaseException as error:  # Arrow's panics are no Exception
        return " ".join(str(error).split())[:160]


def main() -> None:
    """Leave the end to the service: a signal to its whole group must not end a request that it still answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with Connection(int(sys.argv[1])) as connection:
        while True:
            try:
                task = pickle.loads(connection.recv_bytes())
            except EOFError:
                return
            connection.send_bytes(pickle.dumps(answer(task), protocol=pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    main()
