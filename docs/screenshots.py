"""The pictures of the README and the documentation, from what a run has left, in a headless Chromium without a network.

    python docs/screenshots.py data/08_reporting/flights/drift.html site/flow

The second is the folder that `make docs` makes of the flow. It needs Debian's `chromium`, and writes docs/images/*.png,
each under 150 kB.
"""

import io
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
MOST_BYTES = 150_000
# The parts of the drift page, from one heading to the next.
PARTS = {
    "drift-verdict": (None, "reasons"),
    "drift-reasons": ("reasons", "quality"),
    "drift-quality": ("quality", "slices"),
    "drift-slices": ("slices", "all"),
}
_ROOM = 14
# How Kedro-Viz is left by somebody who has seen its tour, likes it light and needs neither list nor map.
_SEEN = {
    "showFeatureHints": False,
    "theme": "light",
    "visible": {"graph": True, "sidebar": False, "miniMap": False, "slicing": True},
}
# Kedro-Viz draws step by step.
_SETTLED_MS = 2500
# Clicks on `+`, after which the names can be read.
_CLOSER = 5


def main(drift: Path, flow: Path) -> None:
    """Take all pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, picture in [*drift_pictures(browser, drift), *flow_pictures(browser, flow)]:
            written = save(name, picture)
            print(f"{written}: {written.stat().st_size / 1000:.0f} kB")
        browser.close()


def drift_pictures(browser: Browser, path: Path) -> Iterator[tuple[str, bytes]]:
    """One of each part of the drift page."""
    page = browser.new_context(offline=True, viewport={"width": 1080, "height": 800}).new_page()
    page.goto(path.resolve().as_uri())
    for name, (first, after) in PARTS.items():
        yield name, taken(page, first, after)


def flow_pictures(browser: Browser, folder: Path) -> Iterator[tuple[str, bytes]]:
    """The flow as it opens, and how its last run went, seen closely."""
    with flow_page(browser, folder) as page:
        yield "viz-flow", page.screenshot()
        show_status(page)
        for _ in range(_CLOSER):
            page.locator(".pipeline-minimap-button--zoom-in").click()
            page.wait_for_timeout(400)
        yield "viz-status", page.screenshot()


@contextmanager
def flow_page(browser: Browser, folder: Path) -> Iterator[Page]:
    """The page that `kedro viz build` makes, served from here; what it wants from elsewhere it does not get."""
    handler = partial(_QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}/"
        page = browser.new_context(viewport={"width": 1200, "height": 860}).new_page()
        page.add_init_script(f"localStorage.setItem('KedroViz', {json.dumps(json.dumps(_SEEN))})")
        page.route(lambda url: not url.startswith(here), lambda route: route.abort())
        page.goto(here)
        page.wait_for_timeout(_SETTLED_MS)
        yield page
        page.context.close()
        server.shutdown()


def show_status(page: Page) -> None:
    """Go to the view of the last run."""
    page.locator(".run-status-nav-wrapper").click()
    page.wait_for_timeout(_SETTLED_MS)


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def taken(page: Page, first: str | None, after: str) -> bytes:
    """A picture of the page from the one heading to the other."""
    top = place(page, first) - _ROOM if first else 0
    clip = {"x": 0, "y": top, "width": 1080, "height": place(page, after) - 2 * _ROOM - top}
    return page.screenshot(full_page=True, clip=clip)


def place(page: Page, heading: str) -> float:
    """How far down the page a heading begins."""
    return page.locator(f"#{heading}").evaluate("heading => heading.getBoundingClientRect().top + window.scrollY")


def save(name: str, picture: bytes) -> Path:
    """Write a picture with 64 colours, which these pages need no more of. Raises ValueError where it is too large."""
    file = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(
        file, "PNG", optimize=True
    )
    if len(file.getvalue()) > MOST_BYTES:
        raise ValueError(f"{name} has {len(file.getvalue()):,} bytes, more than {MOST_BYTES:,}: show less of the page")
    IMAGES.mkdir(exist_ok=True)
    path = IMAGES / f"{name}.png"
    path.write_bytes(file.getvalue())
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
