"""Pages of the site for files of the repository: a link to `../conf/spark` leads to `repository/conf/spark.md`."""

import re
from pathlib import Path

LINK = re.compile(r"\]\((?:\.\./)+([^)#]+)\)")
# A fence longer than any in the file.
FENCE = "`" * 6


def linked_files(docs: str, pages: list[str]) -> dict[str, str]:
    """The page of each file or folder that these pages link to, by its name."""
    paths = {path for text in pages for path in LINK.findall(text)}
    return {f"repository/{path}.md": _page(Path(docs).parent, path) for path in sorted(paths)}


def within_the_site(text: str, page: str) -> str:
    """The text of a page, its links to files of the repository leading to their pages."""
    up = "../" * page.count("/")
    return LINK.sub(rf"]({up}repository/\1.md)", text)


def _page(root: Path, path: str) -> str:
    place = root / path
    files = sorted(file for file in place.iterdir() if file.is_file()) if place.is_dir() else [place]
    shown = [f"## {file.name}\n\n{_shown(file)}" if place.is_dir() else _shown(file) for file in files]
    return "\n\n".join([f"# {path}", *shown])


def _shown(file: Path) -> str:
    language = file.suffix.removeprefix(".")
    return f"{FENCE}{language}\n{file.read_text().rstrip()}\n{FENCE}"
