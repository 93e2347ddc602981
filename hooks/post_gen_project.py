"""Fills a new project with Stillroom's `conf` and data, of which the starter so needs no second copy.

cookiecutter writes the answers into this file and runs it in the new project's folder.
"""

import shutil
import sys
from pathlib import Path

# As an absolute path, or from where `kedro new` was run.
STILLROOM = Path(r"{{ cookiecutter._output_dir }}", r"{{ cookiecutter._repo_dir }}").resolve()
TEMPLATE, CHECKOUT = r"{{ cookiecutter._template }}", "{{ cookiecutter._checkout or '' }}"
PACKAGE = "{{ cookiecutter.python_package }}"
WITH_FLIGHTS = "{{ cookiecutter.flights }}".strip().lower() in ("y", "yes", "true")

FILES = ("bentofile.yaml", "requirements.lock", ".gitignore", ".telemetry")
RAW = "data/01_raw/nycflights13"
FLIGHTS = ("base/table/flights.yaml", "base/catalog_flights.yml", "base/globals.yml", "spark/catalog_flights.yml")
# Its pictures are fetched by a script of Stillroom's.
FASHION = ("base/table/fashion.yaml", "base/experiment/fashion.yaml", "base/catalog_fashion.yml")


def main() -> None:
    """Copy, take out what is not wanted, and name where Stillroom is installed from."""
    if not (STILLROOM / "conf/base").is_dir():
        sys.exit(f"Stillroom is not in {STILLROOM}: give --starter an absolute path or a URL.")
    if not PACKAGE.isidentifier() or PACKAGE == "stillroom":
        sys.exit(f"A package cannot be called {PACKAGE!r} here: choose another project name.")
    for file in FILES:
        shutil.copy(STILLROOM / file, file)
    shutil.copytree(STILLROOM / "conf", "conf", ignore=shutil.ignore_patterns("local"))
    for folder in ("conf/local", *sorted(str(path.relative_to(STILLROOM)) for path in STILLROOM.glob("data/*/"))):
        Path(folder).mkdir(parents=True)
        Path(folder, ".gitkeep").touch()
    for file in FASHION if WITH_FLIGHTS else (*FASHION, *FLIGHTS):
        Path("conf", file).unlink()
    if WITH_FLIGHTS:
        shutil.copytree(STILLROOM / RAW, RAW)
    else:
        replace("conf/base/parameters.yaml", "table: flights", "table: wine   ")
    replace("pyproject.toml", "@ file://STILLROOM", f"@ {source()}")


def source() -> str:
    """What pip installs Stillroom from: the repository that was named, or the folder."""
    if "://" not in TEMPLATE:
        return STILLROOM.as_uri()
    return f"git+{TEMPLATE.removeprefix('git+')}" + (f"@{CHECKOUT}" if CHECKOUT else "")


def replace(file: str, old: str, new: str) -> None:
    """Replace a text of a file."""
    path = Path(file)
    path.write_text(path.read_text().replace(old, new))


main()
