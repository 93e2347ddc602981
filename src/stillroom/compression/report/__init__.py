"""A run told to people: a page, figures for Kedro-Viz, a table for notebooks, and the lines that a run ends with."""

from stillroom.compression.report.bars import candidate_bars
from stillroom.compression.report.evidence import Candidate, Evidence, History
from stillroom.compression.report.figures import learning_figure, pareto_figure
from stillroom.compression.report.page import report_page
from stillroom.compression.report.summary import Directions, Request, summary
from stillroom.compression.report.table import candidate_table

__all__ = [
    "Candidate",
    "Directions",
    "Evidence",
    "History",
    "Request",
    "candidate_bars",
    "candidate_table",
    "learning_figure",
    "pareto_figure",
    "report_page",
    "summary",
]
