"""The folder of all runs: one folder a run, with its record and its artefacts."""

import os
import re
import shutil
from pathlib import Path

from pydantic import ValidationError

from stillroom.runs.record import RunRecord
from stillroom.table.errors import InputError

RECORD, ARTEFACTS = "run.json", "artefacts"
LATEST = re.compile(r"latest(?:~(\d+))?")


class RunStore:
    """Saves and finds the records in a folder on the local disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, run_id: str) -> Path:
        """The folder of a run; its id without the colons that some systems do not take."""
        return self._folder / run_id.replace(":", ".")

    def save(self, record: RunRecord) -> None:
        """Write a record, whole or not at all."""
        path = self.place(record.run_id) / RECORD
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        temporary.write_text(record.model_dump_json(indent=1) + "\n")
        temporary.replace(path)

    def keep(self, run_id: str, entry: str, source: Path) -> str:
        """Keep an artefact beside the record, and say where; see `link` of why that costs no time and no room."""
        kept = self.place(run_id) / ARTEFACTS / f"{entry}{source.suffix}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        link(source, kept)
        return kept.as_posix()

    def forget_artefacts(self, but: int) -> None:
        """Remove the artefacts of all but the newest runs; the records stay."""
        held = sorted(self._folder.glob(f"*/{ARTEFACTS}"), reverse=True)
        for folder in held[but:]:
            shutil.rmtree(folder, ignore_errors=True)

    def all(self) -> list[RunRecord]:
        """All records, the newest first. Raises InputError naming the file that is none."""
        return [_read(path) for path in sorted(self._folder.glob(f"*/{RECORD}"), reverse=True)]

    def find(self, name: str) -> RunRecord:
        """A run by the beginning of its id, as `latest`, or as `latest~1`, the one before it.

        Raises InputError where there is no such run, or more than one.
        """
        runs = self.all()
        if counted := LATEST.fullmatch(name):
            found = runs[int(counted[1] or 0) :][:1]
        else:
            found = [run for run in runs if run.run_id.startswith(name)]
        if len(found) == 1:
            return found[0]
        fitting = f"{len(found)} runs begin so" if found else f"there are {len(runs)} runs"
        raise InputError(f"{name}: no one run is called that, {fitting}; `kedro runs` lists them")


def link(source: Path, target: Path) -> None:
    """A second name for a file, or for those in a folder; a copy where the disk has no second names.

    A file that is later written anew, whole and by renaming, leaves what the second name stands for as it was.
    """
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link_file, dirs_exist_ok=True)
    else:
        _link_file(str(source), str(target))


def _link_file(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _read(path: Path) -> RunRecord:
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise InputError(f"{path} is no record of a run ({where}: {first['msg']}): remove it") from error
