"""What tells one state of code, files or values from another."""

from stillroom.fingerprints.code import Code, environment
from stillroom.fingerprints.files import file_fingerprint, tree_fingerprint
from stillroom.fingerprints.values import UnknownError, digest, value_fingerprint

__all__ = ["Code", "UnknownError", "digest", "environment", "file_fingerprint", "tree_fingerprint", "value_fingerprint"]
