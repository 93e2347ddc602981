"""A real browser without a network, for the tests of pages that must need none."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless; tests may run as root, which its sandbox does not."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, path: Path, width: int = 1120, height: int = 900, scheme: str = "light") -> Iterator[Page]:
    """A page that is opened offline; ``page.asked`` are the addresses it asked for, ``page.problems`` its log."""
    context = browser.new_context(offline=True, viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.asked, page.problems = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.problems.append(message.text))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.goto(path.as_uri(), wait_until="networkidle")
    yield page
    context.close()
