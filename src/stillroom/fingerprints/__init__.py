"""What tells one state of code, files or values from another."""

from stillroom.fingerprints.code import Code, environment
from stillroom.fingerprints.files import file_fingerprint
from stillroom.fingerprints.values import Unknown, digest, value_fingerprint

__all__ = ["Code", "Unknown", "digest", "environment", "file_fingerprint", "value_fingerprint"]
