"""Models in BentoML's model store, and the Bentos built of them."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from kedro.io import AbstractDataset, DatasetError

import stillroom
from stillroom.datasets.packages import UV_SETTINGS, locked, unneeded
from stillroom.datasets.store import home, publish, staging, versions
from stillroom.integrity.digests import IntegrityError, sha256
from stillroom.integrity.keys import check_pair, read_private_key
from stillroom.integrity.model import HASH_LABEL, KEY_VARIABLE, MODEL_FILE, PARITY_FILE, PARITY_LABEL, read_verified
from stillroom.integrity.settings import SigningConfig
from stillroom.integrity.signing import SIGNATURE_FILE, sign

if TYPE_CHECKING:
    import bentoml

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
PACKAGE = Path(stillroom.__file__).parent
UNSIGNED = SigningConfig()
DIGESTS = {MODEL_FILE: HASH_LABEL, PARITY_FILE: PARITY_LABEL}


@dataclass(frozen=True)
class Release:
    """One version of a model: the ONNX file's bytes, what is known of it, and short texts to find it by.

    ``metadata`` holds numbers, texts, lists and dicts. ``parity`` is a sample of rows and what the model predicts of
    them, by which a service tries it (serving/parity.py). ``tag`` is `name:version`, known once it is in the store.
    """

    onnx: bytes = field(repr=False)
    metadata: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    tag: str = ""
    parity: bytes | None = field(default=None, repr=False)


class BentoModelDataset(AbstractDataset[Release, Release]):
    """Versions of the model ``name`` in BentoML's model store: saving adds one, loading reads one.

    Loads the given ``version``, else the one this dataset saved, else the newest. The store is in BENTOML_HOME.
    ``signing`` is a `stillroom.integrity.settings.SigningConfig`.
    """

    def __init__(
        self,
        *,
        name: str,
        version: str | None = None,
        signing: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._name = name
        self._version = version
        self._signing = SigningConfig.model_validate(signing or {})
        self.metadata = metadata

    def save(self, data: Release) -> None:
        """Add a version; all of it or nothing."""
        self._version = save_model(self._name, data, self._signing).partition(":")[2]

    def load(self) -> Release:
        """Read a version; raises DatasetError where there is none, or its files are not those saved and signed."""
        try:
            return load_model(self._name, self._version, self._signing)
        except IntegrityError as error:
            raise DatasetError(str(error)) from None

    def check_keys(self) -> None:
        """Whether what is saved can be signed and then verified; raises IntegrityError."""
        check_pair(self._signing.private_key, self._signing.public_key)

    def _exists(self) -> bool:
        return _find(self._name, self._version) is not None

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name, "version": self._version, "store": str(home() / "models")}


class BentoDataset(AbstractDataset[str, str]):
    """Bentos named ``name``: saving a model's tag builds one of that model, loading gives the newest Bento's tag.

    ``project`` is the directory of bentofile.yaml; ``signing`` as of `BentoModelDataset`.
    """

    def __init__(
        self,
        *,
        name: str,
        project: str = ".",
        signing: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._name = name
        self._project = Path(project)
        self._signing = SigningConfig.model_validate(signing or {})
        self.metadata = metadata

    def save(self, data: str) -> None:
        """Build a Bento of the model with this tag; raises DatasetError where its files are not those saved."""
        try:
            build_bento(data, self._name, self._project, self._signing)
        except IntegrityError as error:
            raise DatasetError(str(error)) from None

    def load(self) -> str:
        """The newest Bento's tag; raises DatasetError where there is none."""
        tags = list_bentos(self._name)
        if not tags:
            raise DatasetError(f"no Bento {self._name} in {home() / 'bentos'}; build one")
        return tags[0]

    def _exists(self) -> bool:
        return bool(list_bentos(self._name))

    def _describe(self) -> dict[str, Any]:
        return {"name": self._name, "store": str(home() / "bentos")}


def save_model(name: str, release: Release, signing: SigningConfig = UNSIGNED) -> str:
    """Add a version to BentoML's model store, signed where there is a key, and return its tag."""
    import bentoml
    from bentoml._internal.models import ModelStore

    files = {MODEL_FILE: release.onnx} | ({PARITY_FILE: release.parity} if release.parity else {})
    labels = {**release.labels, **{DIGESTS[file]: sha256(content) for file, content in files.items()}}
    with staging() as made:
        metadata = dict(release.metadata)
        with bentoml.models.create(name, labels=labels, metadata=metadata, _model_store=ModelStore(made)) as model:
            for file, content in files.items():
                Path(model.path_of(file)).write_bytes(content)
        tag = model.tag
        if signing.private_key:
            sign(made / tag.name / str(tag.version), read_private_key(signing.private_key))
        publish(made, home() / "models", str(tag))
    return str(tag)


def load_model(name: str, version: str | None = None, signing: SigningConfig = UNSIGNED) -> Release:
    """Read a version, else the newest.

    Raises DatasetError where there is none, IntegrityError where its files are not those saved and signed.
    """
    model = _find(name, version)
    if model is None:
        raise DatasetError(f"no model {name}:{version or 'latest'} is in {home() / 'models'}")
    folder, labels = Path(model.path), dict(model.info.labels)
    key = signing.public_key if signing.required or (folder / SIGNATURE_FILE).exists() else None
    onnx = read_verified(folder, labels.get(HASH_LABEL, "none"), key)
    parity = read_verified(folder, labels[PARITY_LABEL], key, PARITY_FILE) if PARITY_LABEL in labels else None
    return Release(onnx, dict(model.info.metadata), labels, str(model.tag), parity)


def _find(name: str, version: str | None) -> "bentoml.Model | None":
    return next((model for model in list_models(name) if version in (None, model.tag.version)), None)


def list_models(name: str) -> list["bentoml.Model"]:
    """The whole versions of a model, newest first."""
    from bentoml._internal.models import ModelStore

    store = ModelStore(home() / "models")
    models = [store.get(f"{name}:{version}") for version in versions(home() / "models" / name, "model.yaml")]
    return sorted(models, key=lambda model: model.creation_time, reverse=True)


def list_bentos(name: str) -> list[str]:
    """The tags of the whole Bentos of that name, newest first."""
    from bentoml._internal.bento.bento import BentoStore

    store = BentoStore(home() / "bentos")
    bentos = [store.get(f"{name}:{version}") for version in versions(home() / "bentos" / name, "bento.yaml")]
    return [str(bento.tag) for bento in sorted(bentos, key=lambda bento: bento.creation_time, reverse=True)]


def build_bento(model: str, name: str, project: Path, signing: SigningConfig = UNSIGNED) -> str:
    """Build a Bento that serves the model with this tag, and return the Bento's tag.

    ``project`` is the directory of bentofile.yaml. What that includes is taken from this package, wherever it is
    installed: a project that builds on Stillroom has none of it in its own src. The Bento asks for the package versions
    installed here, which are those the model was tested with, and for none that its service never uses. It keeps the
    model's SHA-256, and whether a signature is required, against which the service holds the model. Raises
    IntegrityError where the model's files are not those saved and signed, RuntimeError, mostly with BentoML's own
    words, where it fails.
    """
    stored, _, version = model.partition(":")
    arguments = {
        "model": model,
        "sha256": load_model(stored, version, signing).labels[HASH_LABEL],
        "signed": str(signing.required).lower(),
    }
    with staging() as made:
        (made / "models").symlink_to(home() / "models")
        bentofile, source = made / "bentofile.yaml", made / "src"
        shutil.copytree(PACKAGE, source / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
        try:
            options = _with_locked_packages(project / "bentofile.yaml", home() / "models" / stored / version)
        except ValueError as error:
            raise RuntimeError(f"the Bento {name} of model {model} could not be built: {error}") from None
        bentofile.write_text(yaml.safe_dump(options))
        command = [sys.executable, "-m", "bentoml", "build", str(source), "--bentofile", str(bentofile)]
        command += ["--name", name, "--label", f"model={model}"]
        command += [word for key, value in arguments.items() for word in ("--arg", f"{key}={value}")]
        environment = _environment(made, source, signing)
        built = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if built.returncode:
            raise RuntimeError(f"the Bento {name} of model {model} could not be built: {built.stderr.strip()[-2000:]}")
        # Not from what BentoML prints, which it colours where FORCE_COLOR is set, as in notebooks.
        tag = f"{name}:{(made / 'bentos' / name / 'latest').read_text()}"
        (made / "bentos" / tag.replace(":", "/") / "env/python/uv.toml").write_text(UV_SETTINGS)
        publish(made / "bentos", home() / "bentos", tag)
    return tag


def _with_locked_packages(bentofile: Path, model: Path) -> dict[str, Any]:
    options = yaml.safe_load(bentofile.read_text())
    options["python"]["packages"] = locked(options["python"]["packages"], unneeded(model))
    return options


def _environment(made: Path, source: Path, signing: SigningConfig) -> dict[str, str]:
    key = {KEY_VARIABLE: str(signing.public_key.resolve())} if signing.required and signing.public_key else {}
    return {**os.environ, **key, "BENTOML_HOME": str(made), "PYTHONPATH": str(source)}
