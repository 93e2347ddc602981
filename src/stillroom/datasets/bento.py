"""Models in BentoML's model store, and the Bentos built of them.

BentoML copies into its stores file by file, so that a run killed while saving leaves a directory which BentoML takes
for a whole model. Here everything is made elsewhere in BENTOML_HOME and renamed into the store when it is whole.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from kedro.io import AbstractDataset, DatasetError
from packaging.requirements import Requirement

if TYPE_CHECKING:
    import bentoml

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
ONNX_FILE = "model.onnx"
HASH_LABEL = "sha256"


@dataclass(frozen=True)
class Release:
    """One version of a model: the ONNX file's bytes, what is known of it, and short texts to find it by.

    ``metadata`` holds numbers, texts, lists and dicts. ``tag`` is `name:version`, known once it is in the store.
    """

    onnx: bytes = field(repr=False)
    metadata: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    tag: str = ""


class BentoModelDataset(AbstractDataset[Release, Release]):
    """Versions of the model ``name`` in BentoML's model store: saving adds one, loading reads one.

    Loads the given ``version``, else the one this dataset saved, else the newest. The store is in BENTOML_HOME.
    """

    def __init__(self, *, name: str, version: str | None = None, metadata: dict[str, Any] | None = None) -> None:
        self._name = name
        self._version = version
        self.metadata = metadata

    def save(self, data: Release) -> None:
        """Add a version; all of it or nothing."""
        self._version = save_model(self._name, data).partition(":")[2]

    def load(self) -> Release:
        """Read a version; raises DatasetError where there is none, or its file is not the one saved."""
        model = self._model()
        if model is None:
            raise DatasetError(f"no model {self._name}:{self._version or 'latest'} is in {_home() / 'models'}")
        onnx = Path(model.path_of(ONNX_FILE)).read_bytes()
        if hashlib.sha256(onnx).hexdigest() != model.info.labels.get(HASH_LABEL):
            raise DatasetError(f"{model.path_of(ONNX_FILE)} is not the file that was saved; delete model {model.tag}")
        return Release(onnx, dict(model.info.metadata), dict(model.info.labels), str(model.tag))

    def _model(self) -> "bentoml.Model | None":
        models = list_models(self._name)
        return next((model for model in models if self._version in (None, model.tag.version)), None)

    def _exists(self) -> bool:
        return self._model() is not None

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name, "version": self._version, "store": str(_home() / "models")}


class BentoDataset(AbstractDataset[str, str]):
    """Bentos named ``name``: saving a model's tag builds one of that model, loading gives the newest Bento's tag.

    ``project`` is the directory of bentofile.yaml and src/.
    """

    def __init__(self, *, name: str, project: str = ".", metadata: dict[str, Any] | None = None) -> None:
        self._name = name
        self._project = Path(project)
        self.metadata = metadata

    def save(self, data: str) -> None:
        """Build a Bento of the model with this tag."""
        build_bento(data, self._name, self._project)

    def load(self) -> str:
        """The newest Bento's tag; raises DatasetError where there is none."""
        tags = list_bentos(self._name)
        if not tags:
            raise DatasetError(f"no Bento {self._name} in {_home() / 'bentos'}; build one")
        return tags[0]

    def _exists(self) -> bool:
        return bool(list_bentos(self._name))

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name, "store": str(_home() / "bentos")}


def save_model(name: str, release: Release) -> str:
    """Add a version to BentoML's model store and return its tag."""
    import bentoml
    from bentoml._internal.models import ModelStore

    labels = {**release.labels, HASH_LABEL: hashlib.sha256(release.onnx).hexdigest()}
    with _staging() as staging:
        metadata = dict(release.metadata)
        with bentoml.models.create(name, labels=labels, metadata=metadata, _model_store=ModelStore(staging)) as model:
            Path(model.path_of(ONNX_FILE)).write_bytes(release.onnx)
        tag = str(model.tag)
        _publish(staging, _home() / "models", tag)
    return tag


def list_models(name: str) -> list["bentoml.Model"]:
    """The whole versions of a model, newest first."""
    from bentoml._internal.models import ModelStore

    store = ModelStore(_home() / "models")
    models = [store.get(f"{name}:{version}") for version in _versions(_home() / "models" / name, "model.yaml")]
    return sorted(models, key=lambda model: model.creation_time, reverse=True)


def list_bentos(name: str) -> list[str]:
    """The tags of the whole Bentos of that name, newest first."""
    from bentoml._internal.bento.bento import BentoStore

    store = BentoStore(_home() / "bentos")
    bentos = [store.get(f"{name}:{version}") for version in _versions(_home() / "bentos" / name, "bento.yaml")]
    return [str(bento.tag) for bento in sorted(bentos, key=lambda bento: bento.creation_time, reverse=True)]


def build_bento(model: str, name: str, project: Path) -> str:
    """Build a Bento that serves the model with this tag, and return the Bento's tag.

    ``project`` is the directory of bentofile.yaml and src/. The Bento asks for the package versions installed here,
    which are those the model was tested with. Raises RuntimeError with BentoML's own words where it fails.
    """
    with _staging() as staging:
        (staging / "models").symlink_to(_home() / "models")
        bentofile = staging / "bentofile.yaml"
        bentofile.write_text(yaml.safe_dump(_with_locked_packages(project / "bentofile.yaml")))
        command = [sys.executable, "-m", "bentoml", "build", str(project / "src"), "--bentofile", str(bentofile)]
        command += ["--name", name, "--arg", f"model={model}", "--label", f"model={model}"]
        built = subprocess.run(command, env=_environment(staging, project), capture_output=True, text=True, check=False)
        if built.returncode:
            raise RuntimeError(f"the Bento {name} of model {model} could not be built: {built.stderr.strip()[-2000:]}")
        # Not from what BentoML prints, which it colours where FORCE_COLOR is set, as in notebooks.
        tag = f"{name}:{(staging / 'bentos' / name / 'latest').read_text()}"
        _publish(staging / "bentos", _home() / "bentos", tag)
    return tag


def locked(packages: list[str]) -> list[str]:
    """The installed versions of these packages and of all they need, as pip's `name==version`."""
    found: dict[str, str] = {}
    waiting = [Requirement(package) for package in packages]
    while waiting:
        wanted = waiting.pop()
        installed = distribution(wanted.name)
        found[installed.name] = installed.version
        extras = wanted.extras or {""}
        for text in installed.requires or []:
            needed = Requirement(text)
            applies = needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras)
            if applies and (needed.extras or needed.name not in found):
                waiting.append(needed)
    return sorted(f"{package}=={version}" for package, version in found.items())


def _with_locked_packages(bentofile: Path) -> dict[str, Any]:
    options = yaml.safe_load(bentofile.read_text())
    options["python"]["packages"] = locked(options["python"]["packages"])
    return options


def _environment(home: Path, project: Path) -> dict[str, str]:
    return {**os.environ, "BENTOML_HOME": str(home), "PYTHONPATH": str((project / "src").resolve())}


def _home() -> Path:
    return Path(os.environ.get("BENTOML_HOME", "~/bentoml")).expanduser().resolve()


@contextmanager
def _staging() -> Iterator[Path]:
    """A directory on the stores' own disk; what a killed process leaves in it is in no store."""
    (_home() / "tmp").mkdir(parents=True, exist_ok=True)
    (_home() / "models").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="stillroom-", dir=_home() / "tmp") as directory:
        yield Path(directory)


def _publish(staging: Path, store: Path, tag: str) -> None:
    name, _, version = tag.partition(":")
    (store / name).mkdir(parents=True, exist_ok=True)
    (staging / name / version).rename(store / name / version)
    _point_latest(store / name, version)


def _point_latest(directory: Path, version: str) -> None:
    unfinished = directory / f".latest.{os.getpid()}"
    unfinished.write_text(version)
    unfinished.replace(directory / "latest")


def _versions(directory: Path, proof: str) -> list[str]:
    """Versions that hold ``proof``, which BentoML writes with each; another program's half copy may lack it."""
    return [path.name for path in directory.glob("*") if (path / proof).is_file()]
