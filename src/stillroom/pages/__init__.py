"""What Stillroom's HTML pages share: the house's style, axes, and the way numbers are written."""

from stillroom.pages.axis import Axis, log_axis, round_axis
from stillroom.pages.numbers import METRIC_NAMES
from stillroom.pages.page import environment

__all__ = ["METRIC_NAMES", "Axis", "environment", "log_axis", "round_axis"]
