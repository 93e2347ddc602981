"""Watch a live model: drift of its columns and predictions, its quality once labels are known, and a report of both."""

from stillroom.monitoring.page import drift_page
from stillroom.monitoring.pictures.figure import drift_figure
from stillroom.monitoring.quality import Outcomes, join_labels, quality_report
from stillroom.monitoring.report import drift_report
from stillroom.monitoring.settings import MonitorConfig

__all__ = ["MonitorConfig", "Outcomes", "drift_figure", "drift_page", "drift_report", "join_labels", "quality_report"]
