"""The page that says how the code blocks of the pages are tested, and which are not."""

from blocks import blocks, not_run

INTRODUCTION = """# Commands that are tested

Every code block of these pages and of the README is looked at by `tests/docs`, each time the tests run:

| block | what the tests do |
|---|---|
| the [quickstart](quickstart.md) | run from its first line to its last, in a new copy of the project |
| `kedro run ...` elsewhere | carried out up to the first node: options, parameters, pipelines and catalog are real |
| Stillroom's other commands | their arguments are read, and not carried out |
| YAML for `conf` | put there, composed and checked; datasets are made |
| Python | executed |

There are {count} blocks. What is not run as it stands, and what is done for it:

| begins with | because |
|---|---|
{rows}
"""


def commands() -> str:
    """The page, in Markdown."""
    listed = {**not_run("commands"), **not_run("blocks")}
    rows = "\n".join(f"| `` {begins} `` | {because} |" for begins, because in listed.items())
    return INTRODUCTION.format(count=len(blocks()), rows=rows)
