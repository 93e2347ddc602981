"""Bodies made wrong: bytes anywhere, and in texts whole tokens."""

import re
from random import Random

BYTES = [b"\xff" * 8, b"\xff\xff\xff\x7f", b"\x00" * 8, b"\xff" * 7 + b"\x7f", b"\n", b'"', b",", b"\\", b"\x80"]
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|null|true|false')
VALUES = (
    b'null true false 0 -0 1e400 -1e39 1e-400 1.5 7 NaN -NaN Infinity 18446744073709551616 9223372036854775808 "" "x" '
    b'"\\ud800" "\\u0000" "\xc3\x28" "1" "rows" "columns" "instances" [] {} [[]] [1] [1,2] {"b64":"AA=="} 01 1. .5'
).split(b" ")
DEEP = [b"[" * 2000, b'{"a":' * 2000, b"9" * 5000, b'"' + b"x" * 20_000 + b'"']


def mutated(body: bytes, others: list[bytes], random: Random) -> bytes:
    """The body with up to four mutations; now and then nothing but random bytes."""
    if random.random() < 0.05:
        return random.randbytes(random.randrange(300))
    for _ in range(random.randrange(5)):
        is_text = body.startswith(b"{") and random.random() < 0.7
        body = _with_other_token(body, random) if is_text else _once(body, others, random)
    return body


def _once(body: bytes, others: list[bytes], random: Random) -> bytes:
    begin = random.randrange(len(body) + 1)
    end = min(len(body), begin + random.randrange(1, 9))
    match random.randrange(7):
        case 0:
            return body[:begin] + random.randbytes(end - begin) + body[end:]
        case 1:
            return body[:begin] + random.choice(BYTES) + body[end:]
        case 2:
            return body[:begin] + body[end:]
        case 3:
            return body[:begin]
        case 4:
            other = random.choice(others)
            return body[:begin] + other[random.randrange(len(other)) :]
        case _:
            return _with_other_token(body, random)


def _with_other_token(body: bytes, random: Random) -> bytes:
    tokens = list(TOKEN.finditer(body))
    if not tokens:
        return body
    token = random.choice(tokens)
    value = random.choice(DEEP) if random.random() < 0.02 else random.choice([*VALUES, random.choice(tokens)[0]])
    return body[: token.start()] + value + body[token.end() :]
