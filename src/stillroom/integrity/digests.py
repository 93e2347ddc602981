"""The SHA-256 of a file, and whether it is the one on record."""

import hashlib
from pathlib import PurePath


class IntegrityError(Exception):
    """A file is not the one that was saved or signed, or a key is of no use; the message is one sentence.

    No ValueError, which BentoML would take for a bad tag and hide.
    """


def sha256(content: bytes) -> str:
    """The SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def check(content: bytes, expected: str, file: PurePath | str) -> bytes:
    """The content of a file, given back if its SHA-256 is the one expected; raises IntegrityError."""
    found = sha256(content)
    if found != expected:
        raise IntegrityError(f"{file} is not the file that was saved: its SHA-256 is {found}, expected {expected}")
    return content
