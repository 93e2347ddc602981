"""Prints what the project's extras `train` and `s3` need, for platforms that bring Spark and install a list."""

import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
extras = [line for extra in ("serve", "train", "s3") for line in project["optional-dependencies"][extra]]
print(*project["dependencies"], *(line for line in extras if not line.startswith("stillroom")), sep="\n")
