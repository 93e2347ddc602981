"""Large requests are read by the decoder's process: here nothing else would be answered while they are parsed.

Neither a thread nor smaller steps help, since JSON's parsers hold Python's global lock from the first byte to the last.
"""

from functools import partial

import orjson

from stillroom.serving.formats.decoder.wire import Batch, Task
from stillroom.serving.formats.decoding import SHARED, in_turn
from stillroom.serving.protocols.base import HttpRequest, Protocol, Question
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version


def is_large(protocol: Protocol, request: HttpRequest, version: Version, config: ServiceConfig) -> bool:
    """Whether to read a request there; pictures are quick to parse, and decoded when their turn comes."""
    return (
        len(request.body) > config.decode_apart_bytes
        and protocol.reads(request)
        and all(each.scalar for each in version.signature.inputs)
    )


async def ask_apart(
    protocol: Protocol, request: HttpRequest, version: Version, config: ServiceConfig, until: float
) -> tuple[Question, float]:
    """What `protocol.ask` says of a request, and the seconds that it took; raises RefusedError as that does, and where
    its turn comes after ``until``, of perf_counter."""
    asked = {
        "version": (version.name, version.number),
        "signature": version.signature.model_dump_json(),
        "headers": {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.items()},
        "path": dict(request.path),
        "chunk_rows": config.chunk_rows,
    }
    task = Task(protocol.label, {}, config.max_rows, config.max_batch_bytes, asked)
    decoded, seconds = await in_turn(partial(SHARED.decode, task, request.body, "a request"), until)
    note, *pieces = decoded
    return Question(map(Batch.read_piece, pieces), orjson.loads(note.columns)), seconds
