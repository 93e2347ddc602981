"""All formats that a service knows."""

from stillroom.serving.formats.base import Format
from stillroom.serving.formats.csv import Csv
from stillroom.serving.formats.json import Json
from stillroom.serving.formats.tables import ArrowFile, ArrowStream, Parquet
from stillroom.serving.settings import ServiceConfig


def known_formats(config: ServiceConfig) -> dict[str, Format]:
    """All formats by media type, JSON first."""
    tables = [each(config.max_batch_rows, config.max_batch_bytes) for each in (ArrowStream, ArrowFile, Parquet)]
    formats: list[Format] = [Json(), Csv(config.max_rows), *tables]
    return {each.media_type: each for each in formats}
