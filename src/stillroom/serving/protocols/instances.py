"""``{"instances": [...]}``: the rows of a request as TensorFlow Serving, Vertex AI and SageMaker write them in JSON.

An instance is an object of columns, or a list of values in the order of the model's columns; for a model of one column
it may be the value itself. A value may be wrapped as those clients do: ``[value]``, since TensorFlow's columns are
tensors [rows, 1], and ``{"b64": text}`` around base64.
"""

from collections.abc import Iterator
from typing import Any

from stillroom.serving.document import parse
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Columns
from stillroom.serving.version import Version
from stillroom.table.inputs import found

WRAPPED = {list, dict}


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body; raises RefusedError."""
    document = parse(body)
    if not isinstance(document, dict):
        raise RefusedError(400, f"the body must be one JSON object, found {found(document)}")
    return document


def read_instances(document: dict[str, Any], version: Version) -> Iterator[Columns]:
    """The model's inputs from the instances; raises RefusedError where they do not fit."""
    if "instances" not in document:
        raise RefusedError(400, 'the body lacks the key "instances", a list of at least one instance')
    instances = document["instances"]
    if isinstance(instances, list):
        names = version.signature.columns
        instances = [_row(index, instance, names) for index, instance in enumerate(instances)]
    return version.reader.rows(instances, called="instances")


def read_inputs(inputs: Any, version: Version) -> Iterator[Columns]:
    """The model's inputs from lists by column; for a model of one column, from its list alone."""
    names = version.signature.columns
    columns = {names[0]: inputs} if len(names) == 1 and isinstance(inputs, list) else inputs
    if not isinstance(columns, dict) or not columns:
        raise RefusedError(422, f'"inputs" must be an object of at least one list of values, found {found(inputs)}')
    for name, values in columns.items():
        if not isinstance(values, list):
            raise RefusedError(422, f'the column "{name[:40]}" must be a list of values, found {found(values)}')
    return version.reader.columns({name: [_unwrapped(value) for value in columns[name]] for name in columns})


def _row(index: int, instance: Any, names: list[str]) -> dict[str, Any]:
    if type(instance) is dict and instance.keys() != {"b64"}:
        if WRAPPED.isdisjoint(map(type, instance.values())):
            return instance
        return {name: _unwrapped(value) for name, value in instance.items()}
    values = instance if type(instance) is list else [instance]
    if len(values) != len(names):
        one_each = f"one for each column: {', '.join(names)}"
        raise RefusedError(
            422, f"instances[{index}] has {len(values)} values; the model takes {len(names)}, {one_each}"
        )
    return dict(zip(names, map(_unwrapped, values), strict=True))


def _unwrapped(value: Any) -> Any:
    if type(value) is list and len(value) == 1:
        value = value[0]
    return value["b64"] if type(value) is dict and value.keys() == {"b64"} else value
