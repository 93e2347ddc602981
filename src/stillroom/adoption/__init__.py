"""Bring your own table: from a CSV or Parquet file to its declaration, each choice with the reason."""

from stillroom.adoption.adopt import Places, adopt
from stillroom.adoption.proposal import Proposal, Wishes
from stillroom.adoption.query import run_query
from stillroom.adoption.readings import MISSING, snake_case
from stillroom.adoption.source import Reading, Source, open_source

__all__ = [
    "MISSING", "Places", "Proposal", "Reading", "Source", "Wishes", "adopt", "open_source", "run_query", "snake_case",
]  # fmt: skip
