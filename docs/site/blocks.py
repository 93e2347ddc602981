"""The code blocks of README.md and docs/, and which of them no test runs: docs/site/not_run.yaml."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
NOT_RUN = Path(__file__).with_name("not_run.yaml")
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "docs/browser/README.md")
# What stands before a command: variables for it alone.
SETTINGS = re.compile(r"^(?:[A-Z_]+=\S+ )+(?=\w)")


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def begins(self) -> str:
        """Its first line that is not empty."""
        return self.text.strip().splitlines()[0]

    @property
    def commands(self) -> list[str]:
        """The commands of a block of bash, without comments and without variables before them."""
        lines = [re.sub(r"(^|\s+)#\s.*", "", line) for line in self.text.replace("\\\n", "").splitlines()]
        return [SETTINGS.sub("", line.strip()) for line in lines if line.strip()]


def blocks(language: str | None = None) -> list[Block]:
    """All blocks, or those in one language; "" are drawings and what commands have printed."""
    found = [
        Block(str(page.relative_to(ROOT)), token.map[0] + 1, token.info.strip(), token.content)
        for page in PAGES
        for token in MarkdownIt().parse(page.read_text())
        if token.type == "fence" and token.map
    ]
    return [block for block in found if language in (None, block.language)]


def not_run(kind: str) -> dict[str, str]:
    """What no test runs as it stands, by how it begins, and what is done for it: `commands` or `blocks`."""
    return {entry["begins"]: entry["because"] for entry in yaml.safe_load(NOT_RUN.read_text())[kind]}


def reason(kind: str, text: str) -> str | None:
    """Why a command or a block is not run; None where it is."""
    return next((because for begins, because in not_run(kind).items() if text.startswith(begins)), None)
