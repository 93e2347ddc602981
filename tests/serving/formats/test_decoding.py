"""The decoder's process: what ends it, ends no service."""

import pyarrow as pa

from serving.formats.asking import ask, in_json
from serving.formats.tables import STREAM, TABLE, read, written
from stillroom.serving.formats.decoding import SHARED


def test_a_body_that_ends_the_decoder_is_refused_and_the_next_one_answered() -> None:
    # Arrow's reader panics at a null byte in a name, behind an interface that no panic may cross.
    fatal = written(pa.table({"hour": [1.0]}), STREAM).replace(b"hour", b"ho\0r")
    ask(written(TABLE, STREAM), STREAM)
    ended = SHARED._process

    refused = ask(fatal, STREAM)
    answered = ask(written(TABLE, STREAM), STREAM)

    assert ended
    assert ended.returncode is not None
    assert refused.status_code == 400
    sentence = "the body is not an Arrow IPC stream that can be read: its decoder gave up on it"
    assert refused.json() == {"error": sentence}
    assert (read(answered.content, STREAM)["prediction"].to_numpy() == in_json()).all()


def test_the_decoder_ends_with_its_service() -> None:
    ask(written(TABLE, STREAM), STREAM)
    process, connection = SHARED._process, SHARED._connection
    assert process
    assert connection

    connection.close()
    SHARED._connection = None

    assert process.wait(timeout=30) == 0
