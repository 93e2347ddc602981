"""The version of a project's own code: of some modules and of all that they import, read from the files.

Nothing is imported to find out. A file is read once: what this process runs is what it imported, not a later edit.
"""

import ast
import os
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from stillroom.fingerprints.files import tree_fingerprint
from stillroom.fingerprints.values import digest


class Code:
    """The modules that lie in these folders; by default where Python looks, but for its own and installed packages."""

    def __init__(self, folders: Iterable[Path] | None = None) -> None:
        self._folders = list(_own_folders() if folders is None else folders)
        self._files: dict[str, Path | None] = {}
        self._closures: dict[str, frozenset[str]] = {}

    def file(self, module: str) -> Path | None:
        """Where a module of the project's own lies; None of any other, and of what is no module."""
        if module not in self._files:
            self._files[module] = self._find(module)
        return self._files[module]

    def version(self, modules: Iterable[str]) -> str:
        """The version of these modules, of what they import, and of the other files in their packages."""
        names = sorted({name for module in modules for name in self._closure(module)})
        tops = sorted({name.partition(".")[0] for name in names})
        parts = [f"{name} {_read(file)[0]}" for name in names if (file := self.file(name))]
        beside = [_beside(file.parent) for top in tops if (file := self.file(top)) and file.name == "__init__.py"]
        return digest(*parts, *beside)

    def named(self, text: str) -> str | None:
        """The module of the project's own in a dotted path, such as `my_package.nets.Wide`."""
        parts = text.split(".")
        if len(parts) == 1 or not all(part.isidentifier() for part in parts):
            return None
        shorter = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((name for name in shorter if self.file(name)), None)

    def _find(self, module: str) -> Path | None:
        path = module.replace(".", "/")
        found = (folder / file for folder in self._folders for file in (f"{path}/__init__.py", f"{path}.py"))
        return next((file for file in found if file.is_file()), None)

    def _closure(self, module: str) -> frozenset[str]:
        """A module, the packages around it, and all that these import."""
        if module not in self._closures:
            found, waiting = set[str](), [module]
            while waiting:
                name = waiting.pop()
                if name in found or (file := self.file(name)) is None:
                    continue
                found.add(name)
                around = name.rpartition(".")[0]
                package = name if file.name == "__init__.py" else around
                waiting += [*([around] if around else []), *_absolute(_read(file)[1], package)]
            self._closures[module] = frozenset(found)
        return self._closures[module]


@cache
def environment() -> str:
    """The version of Python and of every installed package."""
    folders = [entry for entry in dict.fromkeys(sys.path) if os.path.isdir(entry)]
    installed = {name for folder in folders for name in os.listdir(folder) if name.endswith(".dist-info")}
    return digest(sys.version, *sorted(installed))


def _own_folders() -> list[Path]:
    installed = {Path(path).resolve() for path in sysconfig.get_paths().values()}
    folders = dict.fromkeys(Path(entry or ".").resolve() for entry in sys.path)
    return [folder for folder in folders if folder.is_dir() and not {folder, *folder.parents} & installed]


@cache
def _read(file: Path) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The digest of a module's text, and what it imports: how many dots are before each name, and the name."""
    text = file.read_text()
    imported = list[tuple[int, str]]()
    for statement in ast.walk(ast.parse(text)):
        if isinstance(statement, ast.Import):
            imported += [(0, alias.name) for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            module = statement.module or ""
            names = [module, *(f"{module}.{alias.name}".lstrip(".") for alias in statement.names)]
            imported += [(statement.level, name) for name in names]
    return digest(text), tuple(imported)


def _absolute(imported: Iterable[tuple[int, str]], package: str) -> list[str]:
    """Names of imports without dots before them, seen from a package."""
    absolute = []
    for level, name in imported:
        around = package.split(".")[: len(package.split(".")) - level + 1] if level else []
        absolute.append(".".join(filter(None, [*around, name])))
    return absolute


@cache
def _beside(folder: Path) -> str:
    """The files of a package that are no Python, such as templates."""
    return tree_fingerprint(folder, without=(".py", ".pyc"))
