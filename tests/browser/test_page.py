"""The page of docs/browser in a real browser, served as its README says, with the files of a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser, Page

from chromium import chromium
from compression.candidates import candidate
from stillroom.compression.edge import EdgeFile, edge_card, to_ort
from stillroom.datasets.edge import EdgeDataset
from stillroom.serving.model import Model
from stillroom.table.encoding import feeds
from training import small

from .test_predict import COLUMNS, PAGE, student

pytestmark = pytest.mark.slow
ROW = {"height": 1.5, "year": 2013, "flag": 1, "colour": "blue", "room": "4"}
CHANGED = {"height": None, "year": 2030.5, "flag": 0, "colour": "never seen", "room": "2"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(params=["binary", "multiclass"])
def edge(request: pytest.FixtureRequest) -> EdgeFile:
    model = student(request.param)
    file = to_ort(model)
    return EdgeFile(file, edge_card(model, measured(request.param), file, ROW))


def measured(task: str) -> Any:
    figures = candidate("student", 0.75, 50, 20, 900)
    return figures if task == "binary" else figures.model_copy(update={"metrics": {"accuracy": 0.75}})


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """`python -m http.server` on the folder of a project, which has this page."""
    (folder / "docs").mkdir()
    (folder / "docs/browser").symlink_to(PAGE)
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/docs/browser/?table=small"
        server.shutdown()


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(60_000)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(address)
    yield page
    page.close()


def expected(edge: EdgeFile, row: dict[str, Any]) -> list[str]:
    """What Python predicts of a row, as the page writes it: the headline, then the share of each class."""
    card, frame = edge.card, pl.DataFrame([row], schema_overrides={"height": pl.Float64})
    prediction = Model(edge.model).predict(feeds(frame, small.encoding(card.task)))[0]
    if card.task == "binary":
        return [f"{card.target}: {100 * prediction:.1f} %"]
    shares = [f"{100 * share:.1f} %" for share in prediction]
    return [f"{card.target}: most likely {card.classes[prediction.argmax()]}", *shares]


SHOWN = """
wanted => {
  const shares = [...document.querySelectorAll(".bar b")].map((share) => share.textContent);
  return JSON.stringify([document.getElementById("headline").textContent, ...shares]) === JSON.stringify(wanted);
}
"""


def shown(page: Page, wanted: list[str]) -> None:
    """Wait until the page shows just this."""
    page.wait_for_function(SHOWN, arg=wanted)


def test_the_page_shows_what_python_predicts_of_a_row_and_of_that_row_changed(
    browser: Browser, edge: EdgeFile, tmp_path: Path
) -> None:
    EdgeDataset(filepath=str(tmp_path / "data/06_models/small/edge")).save(edge)
    before, after = expected(edge, ROW), expected(edge, CHANGED)
    assert before != after

    with served(tmp_path) as address, opened(browser, address) as page:
        shown(page, before)
        page.locator("summary").evaluate("summary => (summary.parentElement.open = true)")
        for column, value in CHANGED.items():
            page.locator(f"input[name={column}]").fill("" if value is None else str(value))
        shown(page, after)
        page.locator("button[type=reset]").click()
        shown(page, before)

        page.wait_for_function("document.querySelectorAll('#facts dd').length === 4")
        assert page.locator("#facts").inner_text().endswith("0.7500")
        assert sorted(page.locator("form input").evaluate_all("all => all.map(i => i.name)")) == sorted(COLUMNS)
        assert page.problems == []


def test_a_model_changed_by_one_byte_is_refused(browser: Browser, edge: EdgeFile, tmp_path: Path) -> None:
    folder = tmp_path / "data/06_models/small/edge"
    EdgeDataset(filepath=str(folder)).save(edge)
    (folder / "model.ort").write_bytes(edge.model[:-1] + bytes([edge.model[-1] ^ 1]))

    with served(tmp_path) as address, opened(browser, address) as page:
        page.wait_for_selector(".verdict.wrong")
        told = page.locator("#headline").inner_text()
        assert told.startswith("the model is not the file that was saved: its SHA-256 is ")
        assert told.endswith(f", expected {edge.card.sha256}")
        assert page.locator("#form").is_hidden()
