"""The two files that declare a table, as text: every choice with the reason beside it."""

import json
import re
import textwrap
from typing import Any

import yaml

from stillroom.adoption.checks import declared_checks
from stillroom.adoption.proposal import Proposal
from stillroom.adoption.roles import Part

WIDTH = 110
LISTED: tuple[Part, ...] = ("numeric", "categorical", "forbidden")
SPLITS = {
    "time": "By time, as --time says: the last days are live, those before the test, and those before the validation.",
    "random": "At random, for no --time was given; name a time column if the model is to predict what comes later.",
    "group": "At random by group, so that the rows of one {} never stand on two sides.",
}
PRESETS = {
    "small": "few rows: small networks, small batches, many epochs",
    "medium": "a medium number of rows: batches and epochs for some ten thousand",
}


def table_text(proposal: Proposal, told: str, notes: dict[str, str]) -> str:
    """`conf/base/table/NAME.yaml`; it reads back as the proposal's own spec."""
    table = [*_what(proposal), *_which_rows(proposal)]
    for part in LISTED:
        table += _columns(part, proposal.part(part), notes)
    head = [
        "# @package _global_",
        *_comment(f"Adopted: {proposal.count:,} rows of {len(proposal.measured)} columns, from {told}"),
        *_renamed(proposal),
        *_comment("Every line is a proposal: change what you know better."),
    ]
    return "\n".join([*head, *_defaults(proposal), "table:", *(f"  {line}" for line in table)]) + "\n"


def _what(proposal: Proposal) -> list[str]:
    """What the table is called, comes from, and is to predict."""
    name, spec, aim = proposal.wishes.name, proposal.spec, proposal.aim
    table: list[str] = [f"name: {name}", f"source: {proposal.source}"]
    if spec.prepare:
        table.append(f"prepare: {spec.prepare}")
    return [*table, *_comment(aim.why), f"task: {aim.task}", f"target: {_scalar(spec.target)}"]


def _which_rows(proposal: Proposal) -> list[str]:
    """How rows are told apart, belong together and are split."""
    spec, table = proposal.spec, []
    if spec.time:
        table.append(f"time: {_scalar(spec.time)}")
    if spec.row_id:
        table += [*_comment(proposal.roles[spec.row_id].why), f"row_id: {_scalar(spec.row_id)}"]
    if spec.group:
        table += [*_comment(_of_group(proposal)), f"group: {_scalar(spec.group)}"]
    table += [*_comment(_of_split(proposal)), f"split: {_split(proposal)}"]
    if spec.min_category_count != type(spec).model_fields["min_category_count"].default:
        table += [
            *_comment("so few rows that a category may be rare"),
            f"min_category_count: {spec.min_category_count}",
        ]
    return table


def _renamed(proposal: Proposal) -> list[str]:
    if not proposal.renamed:
        return []
    return _comment(f"Renamed: {', '.join(f'{old!r} to {new!r}' for old, new in proposal.renamed.items())}")


def catalog_text(proposal: Proposal, file: str) -> str:
    """`conf/base/catalog_NAME.yml`: the rows, and what they must be whenever they are loaded."""
    spec = proposal.spec
    if spec.prepare:
        return f"# Adopted: made by {spec.prepare}.\n{proposal.source}:\n  type: MemoryDataset\n  copy_mode: assign\n"
    used = [c for c in (spec.row_id, spec.group, spec.time, spec.target, *spec.columns) if c]
    options = declared_checks([proposal.measured[c] for c in used], spec.row_id)
    checks = [line for key, value in options.items() for line in _option(key, value)]
    return "\n".join(
        [
            "# Adopted: checked whenever it is loaded. Rows that come later may be half as many, twice as often",
            "# missing, and differ from these by as much as these do from each other.",
            f"{proposal.source}:",
            "  type: stillroom.datasets.parquet.ParquetDataset",
            f"  filepath: {file}",
            "  validator:",
            "    class: stillroom.table.checks.TableChecks",
            "    on: [load]",
            "    options:",
            *(f"      {line}" for line in checks),
            "  metadata: {kedro-viz: {layer: raw, preview_args: {nrows: 8}}}",
            "",
        ]
    )


def _defaults(proposal: Proposal) -> list[str]:
    if not proposal.preset:
        return []
    return ["defaults:", *_comment(PRESETS[proposal.preset], "  "), f"  - override /experiment: {proposal.preset}"]


def _of_group(proposal: Proposal) -> str:
    name = proposal.spec.group or ""
    why = proposal.roles[name].why
    return f"{why}: they belong together. To learn each by itself, move it to categorical"


def _of_split(proposal: Proposal) -> str:
    kind = "group" if proposal.spec.group and not proposal.spec.time else proposal.split.kind
    return SPLITS[kind].format(proposal.spec.group)


def _split(proposal: Proposal) -> str:
    shown = proposal.split.model_dump(mode="json", exclude_none=True)
    return "{" + ", ".join(f"{key}: {value}" for key, value in shown.items()) + "}"


def _columns(part: str, columns: dict[str, str], notes: dict[str, str]) -> list[str]:
    if not columns:
        return []
    lines = [f"{part}:"]
    for name, why in columns.items():
        note = f"; {notes[name]}" if name in notes else ""
        lines.append(f"  - {_scalar(name)}  # {_one_line(why + note)}")
    return lines


def _comment(text: str, indent: str = "") -> list[str]:
    return [f"{indent}# {line}" for line in textwrap.wrap(_one_line(text), WIDTH)]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _option(key: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{key}:", *(f"  {_scalar(name)}: {json.dumps(each)}" for name, each in value.items())] if value else []
    return [f"{key}: {json.dumps(value)}"]


def _scalar(name: str) -> str:
    """A name as YAML takes it: plain where that reads back as the same text."""
    plain = re.fullmatch(r"[A-Za-z_][\w .-]*\w|[A-Za-z_]", name, re.ASCII) and yaml.safe_load(name) == name
    return name if plain else json.dumps(name, ensure_ascii=False)
