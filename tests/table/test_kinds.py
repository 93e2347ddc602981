"""What a kind of column needs is asked of its classes; elsewhere nobody asks which kind a column is."""

import re
from pathlib import Path

import pytest

import stillroom
from stillroom.table.inputs import INPUTS
from stillroom.table.kinds import KINDS

SOURCE = Path(stillroom.__file__).parent
KIND = f"({'|'.join(KINDS)})"
CLASS = f"({'|'.join([each.__name__ for each in (*KINDS.values(), *INPUTS)])})"
ASKED = {
    "compares the kind": re.compile(r"(?<!dtype)\.kind\s*(==|!=|is|in|not in)\s*[\"'(\[{]"),
    "asks for the class": re.compile(rf"isinstance\([^)]*{CLASS}|\btype\([^)]*\)\s*(==|is)\s*{CLASS}"),
    "names a kind": re.compile(rf"[\"']{KIND}[\"']"),
    "takes the columns of one kind": re.compile(rf"(?<!stillroom\.)\b(table|spec|encoding|signature)\.{KIND}\b"),
}
# Profiles know two sorts of values, whatever column they are of; the kinds' own fronts tell a network of its inputs;
# a model is of a kind too.
ELSEWHERE = {
    "monitoring/bins.py": "names a kind",
    "models/fronts.py": "names a kind",
    "parameters.py": "compares the kind",
}
# Who proposes a declaration writes kinds into it.
PROPOSES = ("adoption", "adoption_command.py")


def asked(source: str) -> set[str]:
    return {what for what, pattern in ASKED.items() if pattern.search(source)}


def test_no_room_but_the_tables_asks_for_a_columns_kind() -> None:
    files = [path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).parts[0] not in ("table", *PROPOSES)]
    found = {path.relative_to(SOURCE).as_posix(): asked(path.read_text()) for path in files}

    assert len(files) > 150
    assert {file: what for file, what in found.items() if what} == {file: {what} for file, what in ELSEWHERE.items()}


@pytest.mark.parametrize(
    "line",
    [
        'if each.kind == "numeric":',
        "if each.kind in (NUMBER, TEXT):",
        "if isinstance(each, NumericInput):",
        "names = [c for c in spec.columns if isinstance(c, (ImageColumn, str))]",
        'FRONTS = {"image": levels}',
        "return table.categorical",
    ],
)
def test_whoever_asks_is_found_out(line: str) -> None:
    assert asked(line)
