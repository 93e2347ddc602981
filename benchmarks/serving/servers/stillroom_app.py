"""Stillroom's routes on bare uvicorn; without METRICS=on nothing is counted."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp()  # as BentoML has it, before prometheus_client is imported

from starlette.applications import Starlette

from serving.in_process import predictor_of
from stillroom.serving.app import App, routes
from stillroom.serving.settings import ServiceConfig

COUNTED = os.environ["METRICS"] == "on"
predictor = predictor_of(Path(os.environ["MODEL"]), COUNTED)


@asynccontextmanager
async def flushing(app: Starlette) -> AsyncIterator[None]:
    """Hand the metrics over once a second, as the service does."""
    task = asyncio.create_task(predictor.metrics.keep_flushing()) if COUNTED else None
    yield
    if task:
        task.cancel()


app = App(Starlette(lifespan=flushing))
app.open(routes(predictor, ServiceConfig.from_environment()), predictor.metrics)
