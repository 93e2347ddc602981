"""Columns of arrays in, standard whylogs profiles out.

Usage::

    profile = new_profile(datetime.now(timezone.utc))
    fold(profile, {"distance": np.array([1.0, np.nan]), "carrier": Counts(["UA", "B6"], [1, 1], missing=0)})
    data = to_bytes(profile)
"""

from stillroom.profiles import numpy2_for_whylogs

# isort: split
from stillroom.profiles.columns import Column, Counts, Values
from stillroom.profiles.files import from_bytes, merge, read, rows, to_bytes, write
from stillroom.profiles.fold import fold, new_profile

__all__ = [
    "Column",
    "Counts",
    "Values",
    "fold",
    "from_bytes",
    "merge",
    "new_profile",
    "numpy2_for_whylogs",
    "read",
    "rows",
    "to_bytes",
    "write",
]
