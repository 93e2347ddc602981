"""What the files of `conf` say of themselves: their leading comments, and the comments behind and above their keys."""

import re
from collections.abc import Iterator

import yaml

PACKAGE = re.compile(r"^# @package (\S+)$", re.MULTILINE)


def leading_comment(text: str) -> str:
    """The first lines of a file, as far as they are comments, as one text."""
    lines = []
    for line in PACKAGE.sub("", text).lstrip().splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return " ".join(lines)


def package_of(text: str, group: str) -> str:
    """Where a group's file puts its keys: Hydra's `@package`."""
    declared = PACKAGE.search(text)
    package = declared.group(1) if declared else group
    return "" if package == "_global_" else package


def comments(text: str, package: str) -> dict[str, str]:
    """The comment behind each key, or the lines of comment above it, by the key's path."""
    lines = text.splitlines()
    found = {path: _comment(lines, key, value) for path, key, value in _keys(yaml.compose(text), package)}
    return {path: comment for path, comment in found.items() if comment}


def _keys(node: yaml.Node | None, path: str) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        here = f"{path}.{key.value}".lstrip(".")
        yield here, key, value
        yield from _keys(value, here)


def _comment(lines: list[str], key: yaml.Node, value: yaml.Node) -> str:
    block = isinstance(value, yaml.CollectionNode) and not value.flow_style
    end = key.end_mark if block else value.end_mark
    behind = re.match(r":?\s*#\s*(.*)", lines[end.line][end.column :])
    if behind:
        return behind.group(1)
    above = []
    for line in reversed(lines[: key.start_mark.line]):
        # A comment that begins the file is the file's.
        if not re.match(rf" {{{key.start_mark.column}}}#", line) or key.start_mark.column == 0:
            break
        above.append(line.strip().removeprefix("#").strip())
    return " ".join(reversed(above))
