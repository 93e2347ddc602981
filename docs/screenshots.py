"""The pictures of the README, from the drift report of a run, in a headless Chromium without a network.

    python docs/screenshots.py data/08_reporting/flights/drift.html

It needs Debian's `chromium`, and writes docs/images/drift-*.png, each under 150 kB.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
MOST_BYTES = 150_000
# The parts of the page, from one heading to the next.
PARTS = {
    "drift-verdict": (None, "reasons"),
    "drift-reasons": ("reasons", "quality"),
    "drift-quality": ("quality", "slices"),
    "drift-slices": ("slices", "all"),
}
_ROOM = 14


def main(path: Path) -> None:
    """Take a picture of each part."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_context(offline=True, viewport={"width": 1080, "height": 800}).new_page()
        page.goto(path.resolve().as_uri())
        for name, (first, after) in PARTS.items():
            written = save(name, taken(page, first, after))
            print(f"{written}: {written.stat().st_size / 1000:.0f} kB")
        browser.close()


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
    main(Path(sys.argv[1]))
