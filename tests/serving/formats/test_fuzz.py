"""Random and mutated bodies: a decoder reads them or refuses them, and does nothing else."""

import orjson
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from serving import onnx_models
from serving.formats.asking import CONFIG, ROWS, version
from serving.formats.tables import FILE, MEDIA_TYPES, PARQUET, STREAM, TABLE, written, written_by_polars
from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.known import known_formats
from stillroom.serving.pieces import together

FORMATS = known_formats(CONFIG)
VERSION = version(onnx_models.binary())
ENCODED = TABLE.set_column(2, "carrier", TABLE["carrier"].dictionary_encode())
SEEDS = {
    "application/json": [orjson.dumps({"rows": ROWS}), orjson.dumps({"columns": {k: [1, None] for k in ROWS[0]}})],
    "text/csv": [pl.DataFrame(ROWS).write_csv().encode()],
} | {
    each: [
        *(written(table, each, 2, codec) for table in (TABLE, ENCODED) for codec in (None, "lz4", "zstd")),
        written_by_polars(pl.DataFrame(ROWS), each),
    ]
    for each in MEDIA_TYPES
}
# A place, what happens there, and bytes for it; places count from the end too, where footers are.
MUTATIONS = st.lists(
    st.tuples(
        st.integers(-400, 2_000),
        st.sampled_from(["replace", "insert", "cut"]),
        st.one_of(
            st.binary(min_size=1, max_size=8),
            st.sampled_from([b"\xff" * 8, b"\xff\xff\xff\x7f", b"\x00" * 8, b"\xff" * 7 + b"\x7f"]),
        ),
    ),
    max_size=4,
)
several = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
by_every_decoder = pytest.mark.parametrize("media_type", FORMATS)


def outcome(body: bytes, media_type: str) -> int:
    """200, or the status of the refusal; anything else is raised."""
    try:
        for piece in FORMATS[media_type].decode(body, VERSION):
            VERSION.predict(together([piece]))
    except RefusedError as refused:
        return refused.status
    return 200


def mutated(body: bytes, mutations: list[tuple[int, str, bytes]]) -> bytes:
    for place, what, given_ in mutations:
        at = max(0, len(body) + place) if place < 0 else min(place, len(body))
        kept = body[at + len(given_) :] if what != "insert" else body[at:]
        body = body[:at] + (b"" if what == "cut" else given_) + kept
    return body


@by_every_decoder
@several
@given(body=st.binary(max_size=300))
@example(body=b"ARROW1\x00\x00" + b"\xff" * 30 + b"ARROW1")
@example(body=b"PAR1" + b"\xff" * 30 + b"PAR1")
def test_random_bodies_are_refused_or_read(media_type: str, body: bytes) -> None:
    assert outcome(body, media_type) in {200, 400, 413, 422}


@by_every_decoder
@several
@given(mutations=MUTATIONS, seed=st.integers(0, 6))
def test_mutated_bodies_are_refused_or_read(media_type: str, mutations: list, seed: int) -> None:
    seeds = SEEDS[media_type]

    assert outcome(mutated(seeds[seed % len(seeds)], mutations), media_type) in {200, 400, 413, 422}


@pytest.mark.slow
@pytest.mark.parametrize("media_type", [STREAM, FILE, PARQUET])
def test_every_byte_may_be_wrong(media_type: str) -> None:
    body = written(pa.table({"hour": [1.5, 2.5], "carrier": ["UA", None]}), media_type, 1, "zstd")

    statuses = {
        outcome(body[:at] + bytes([value]) + body[at + 1 :], media_type)
        for at in range(len(body))
        for value in ([0x00, 0x7F, 0xFF][at % 3],)
    }

    assert statuses >= {200, 400}
    assert statuses <= {200, 400, 413, 422}
