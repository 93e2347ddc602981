"""Live quality: late labels joined, an estimate before them, and the slices where the model is worst."""

from stillroom.monitoring.quality.labels import join_labels
from stillroom.monitoring.quality.outcomes import Outcomes
from stillroom.monitoring.quality.report import quality_report

__all__ = ["Outcomes", "join_labels", "quality_report"]
