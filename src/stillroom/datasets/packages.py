"""The packages of a Bento: those the model was tested with, pinned, and none that its service never uses."""

from collections.abc import Set
from importlib.metadata import distribution
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stillroom.integrity.model import MODEL_FILE
from stillroom.integrity.signing import SIGNATURE_FILE
from stillroom.table.inputs import INPUTS
from stillroom.table.signature import METADATA_KEY, Signature

# What other packages ask for, and do without in a service.
LEFT_OUT = {
    "aiohttp-asgi-connector": "BentoML's services call each other with it, and this is one alone",
    "aiosqlite": "BentoML keeps its tasks in it",
    "backoff": "whylogs sends profiles to its maker with it",
    "flatbuffers": "ONNX Runtime's tools read files with it",
    "markdown-it-py": "rich shows Markdown with it",
    "mdurl": "markdown-it-py's own",
    "opentelemetry-instrumentation-aiohttp-client": "BentoML's runners of its first version are traced with it",
    "tzdata": "time zones by name",
    "watchfiles": "uvicorn starts anew with it when a source file changes",
}
# What only signed models need; what only some columns need is said by their kind.
SIGNATURES = ["cryptography", "cffi", "pycparser"]

# The container installs just these packages, and not again what was left out. BentoML's Dockerfile runs uv from the
# directory of requirements.txt, whose settings uv reads.
UV_SETTINGS = "[pip]\nno-deps = true\n"


def unneeded(model: Path) -> set[str]:
    """The packages that the service of this model can do without.

    ``model`` is its folder in the model store. Raises ValueError where its file was not exported by Stillroom.
    """
    needed = {package for each in _signature(model / MODEL_FILE).inputs for package in each.packages}
    found = set(LEFT_OUT) | {package for kind in INPUTS for package in kind.packages} - needed
    if not (model / SIGNATURE_FILE).exists():
        found |= set(SIGNATURES)
    return found


def locked(packages: list[str], without: Set[str] = frozenset()) -> list[str]:
    """The installed versions of these packages and of all they need, as pip's `name==version`, but for ``without``."""
    found: dict[str, str] = {}
    waiting = [Requirement(package) for package in packages]
    while waiting:
        wanted = waiting.pop()
        if canonicalize_name(wanted.name) in without:
            continue
        installed = distribution(wanted.name)
        found[installed.name] = installed.version
        extras = wanted.extras or {""}
        for text in installed.requires or []:
            needed = Requirement(text)
            applies = needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras)
            if applies and (needed.extras or needed.name not in found):
                waiting.append(needed)
    return sorted(f"{package}=={version}" for package, version in found.items())


def _signature(file: Path) -> Signature:
    try:
        metadata = {each.key: each.value for each in onnx.load(file, load_external_data=False).metadata_props}
        return Signature.from_metadata(metadata[METADATA_KEY])
    except (DecodeError, KeyError) as error:
        raise ValueError(f"{file} is no ONNX file that Stillroom exported") from error
