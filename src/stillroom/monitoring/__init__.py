"""Watch a live model: drift of its columns and predictions, its quality once labels are known, and a report of both."""

from stillroom.monitoring.page import drift_page
from stillroom.monitoring.quality import Labelled
from stillroom.monitoring.report import drift_report
from stillroom.monitoring.settings import MonitorConfig

__all__ = ["Labelled", "MonitorConfig", "drift_page", "drift_report"]
