"""The configuration reference: the groups from their files, the keys from the models that check them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from declared import comments, leading_comment, package_of
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from types_in_words import allowed, in_words

from stillroom.config import GroupConfigLoader
from stillroom.parameters import Parameters, check_parameters, models_in
from stillroom.serving.settings import PREFIX, ServiceConfig
from stillroom.training.settings import Target

CONF = Path(__file__).parents[2] / "conf"
BASE = CONF / "base"
INTRODUCTION = """# Configuration

Made from `conf/base` and from the models in `src/stillroom` that check it, when this site is built. `kedro run --params
GROUP=OPTION` picks an option, `kedro run --params KEY=VALUE` sets one value; several are parted by commas. To keep a
value, write it into `conf/base/parameters.yaml`, or into `conf/local/parameters.yml`, which git ignores.
"""
TARGET = "An *object* is any class or function by its dotted path, `_target_`, with its arguments beside it."


def configuration() -> str:
    """The page, in Markdown."""
    return "\n\n".join([INTRODUCTION, *_groups(), *_keys(), *_service(), *_environments()])


def _groups() -> Iterator[str]:
    yield "## Groups: one choice each"
    yield "Each is a folder of `conf/base`, each option a file in it; a file of yours beside them is one more option."
    for folder in sorted(path for path in BASE.iterdir() if path.is_dir()):
        yield f"### Group `{folder.name}`"
        for file in sorted(folder.glob("*.yaml")):
            text = file.read_text()
            body = "\n".join(f"    {line}" for line in text.rstrip().splitlines())
            yield f'??? note "{file.stem}: {leading_comment(text)}"\n\n    ```yaml\n{body}\n    ```'


def _keys() -> Iterator[str]:
    """One section for each model, however deep in the tree it stands."""
    standing = check_parameters(GroupConfigLoader(CONF, base_env="base", default_run_env="base")["parameters"])
    found = _comments()
    yield "## Keys"
    yield f"The defaults are those of a plain `kedro run`; of a `table`, those of a file that leaves them out. {TARGET}"
    for path, model in _sections("", Parameters, []):
        if path:
            yield f"### `{path}`" + _member(model)
            yield _prose(model)
        default = None if path.startswith("table") else _at(standing, path)
        yield _table([_row(path, name, field, default, found) for name, field in model.model_fields.items()])


def _sections(path: str, model: type[BaseModel], above: list[type]) -> Iterator[tuple[str, type[BaseModel]]]:
    yield path, model
    for name, field in model.model_fields.items():
        for inner in models_in(field.annotation):
            if inner is not Target and inner not in above:
                yield from _sections(f"{path}.{name}".lstrip("."), inner, [*above, inner])


def _member(model: type[BaseModel]) -> str:
    """Which member of a union a model is, by the value that tells it from the others."""
    kind = model.model_fields.get("kind")
    return f" of kind {in_words(kind.annotation)}" if kind else ""


def _row(path: str, name: str, field: FieldInfo, standing: Any, found: dict[str, str]) -> list[str]:
    key = f"{path}.{name}".lstrip(".")
    default = field.get_default(call_default_factory=True) if standing is None else getattr(standing, name, None)
    return [f"`{name}`", _takes(field), _value(default), field.description or found.get(key, "")]


def _takes(field: FieldInfo) -> str:
    limits = allowed(field)
    return in_words(field.annotation) + (f" ({limits})" if limits else "")


def _value(value: Any) -> str:
    if value is PydanticUndefined:
        return "must be given"
    if isinstance(value, Target):
        return f"`{value.path}`"
    if isinstance(value, BaseModel):
        return "see below"
    if value is None:
        return "`null`"
    if isinstance(value, list | tuple) and any(isinstance(item, BaseModel) for item in value):
        return "see below"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if str(value) else "empty"


def _at(standing: Any, path: str) -> Any:
    """The part of the parameters at a path; None where it leads through what is not declared, or through a list."""
    for name in path.split(".") if path else []:
        standing = getattr(standing, name, None)
    return standing if isinstance(standing, BaseModel) else None


def _comments() -> dict[str, str]:
    """What `conf/base` says behind a key, by the key's path."""
    found = comments((BASE / "parameters.yaml").read_text(), "")
    for file in sorted(BASE.glob("*/*.yaml"), key=lambda file: (file.stem != "default", file)):
        if file.parent.name not in ("experiment", "table"):
            text = file.read_text()
            found = comments(text, package_of(text, file.parent.name)) | found
    return found


def _service() -> Iterator[str]:
    yield "## The service"
    yield _prose(ServiceConfig)
    yield _table(
        [
            [f"`{PREFIX}{name.upper()}`", _takes(field), _value(field.default), ""]
            for name, field in ServiceConfig.model_fields.items()
        ]
    )


def _environments() -> Iterator[str]:
    yield "## Environments: `kedro run --env`"
    for folder in sorted(path for path in CONF.iterdir() if path.name not in ("base", "local")):
        for file in sorted(folder.glob("*.y*ml")):
            yield f"- `{file.relative_to(CONF.parent)}`: {leading_comment(file.read_text())}"


def _prose(model: type[BaseModel]) -> str:
    return "\n".join(line.strip() for line in (model.__doc__ or "").replace("``", "`").splitlines())


def _table(rows: list[list[str]]) -> str:
    lines = [["key", "takes", "default", ""], ["---"] * 4, *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
