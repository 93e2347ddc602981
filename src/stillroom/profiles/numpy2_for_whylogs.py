"""Lets whylogs 1.6.4 be imported under NumPy 2, and keeps it silent. Imported before whylogs, for its effects.

whylogs still names ``np.unicode_``, which NumPy 2 removed (whylabs/whylogs#1600, closed unfixed), and sends usage
statistics to its maker unless told not to. Delete this file when a release of whylogs needs neither.
"""

import os

import numpy as np

if not hasattr(np, "unicode_"):
    np.unicode_ = np.str_  # type: ignore[attr-defined]

os.environ["WHYLOGS_NO_ANALYTICS"] = "True"
