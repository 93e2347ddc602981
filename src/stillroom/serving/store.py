"""Versions of the service's model in BentoML's model store, each verified before it answers anything."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import bentoml
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.models import ModelStore
from bentoml.exceptions import BentoMLException

from stillroom.integrity.digests import IntegrityError
from stillroom.integrity.model import (
    HASH_LABEL,
    KEY_VARIABLE,
    MODEL_FILE,
    PARITY_FILE,
    PARITY_LABEL,
    read_verified,
)
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import Model
from stillroom.serving.parity import check
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.state import State
from stillroom.serving.version import Version
from stillroom.table.signature import Signature

if TYPE_CHECKING:
    from stillroom.serving.watch import Watcher

Watch = Callable[[Signature, str], "Watcher | None"]


class VersionStore:
    """The versions of one model; ``tag`` is that of the version which the service was built of.

    ``sha256`` is what the service knows of that version's file; the others answer to what the store has on record.
    ``signed`` says that no version is read whose signature is not verified. ``watch`` may give each version a watcher.
    """

    def __init__(
        self,
        tag: str,
        config: ServiceConfig,
        sha256: str | None = None,
        signed: bool = False,
        watch: Watch = lambda signature, number: None,
    ) -> None:
        own = bentoml.models.get(tag).tag
        self.name, self.own = str(own.name), str(own.version)
        self.tag = f"{self.name}:{self.own}"
        self.declared = State.declared_by(self.tag, config)
        self._config, self._sha256, self._signed, self._watch = config, sha256, signed, watch

    def read(self, number: str) -> bytes:
        """The ONNX file; raises IntegrityError where it is not the one saved and signed, RefusedError where none is."""
        stored = self._find(number)
        known = self._sha256 if number == self.own else None
        return self._verified(stored, MODEL_FILE, known or stored.info.labels.get(HASH_LABEL, "none"))

    def model(self, number: str) -> Model:
        """The model of a version that has proved to be the one saved and signed, and to predict as it should.

        Raises RefusedError.
        """
        stored = self._find(number)
        try:
            config = self._config
            model = Model(self.read(number), config.providers, config.threads, config.tuning)
            check(model, self._sample(stored), self._config.parity_tolerance)
        except Exception as error:  # ONNX Runtime has many kinds, without a base of their own
            said = " ".join(str(error).split())[:500]
            raise RefusedError(422, f"version {number} was not loaded: {said}") from error
        return model

    def load(self, number: str) -> Version:
        """A version that is ready to answer; raises RefusedError."""
        model, tag = self.model(number), f"{self.name}:{number}"
        watcher = self._watch(model.signature, number)
        if watcher is None:
            return Version.of(tag, model, self._config)
        return Version.of(tag, model, self._config, watcher.track, watcher.close, watcher.answered)

    def _find(self, number: str) -> bentoml.Model:
        """From the Bento's own store, which a container has, else from the machine's."""
        tag = f"{self.name}:{number}"
        for store in (BentoMLContainer.model_store.get(), ModelStore(BentoMLContainer.model_store_dir.get())):
            try:
                found = store.get(tag)
            except (BentoMLException, OSError, ValueError):
                continue
            # BentoML takes the beginning of a version, and `latest`, for a version.
            if str(found.tag) == tag:
                return found
        raise RefusedError(404, f"version {number} of {self.name} is not in the model store; name a version in full")

    def _sample(self, stored: bentoml.Model) -> bytes | None:
        digest = stored.info.labels.get(PARITY_LABEL)
        return self._verified(stored, PARITY_FILE, digest) if digest else None

    def _verified(self, stored: bentoml.Model, file: str, digest: str) -> bytes:
        if self._signed and self._config.public_key is None:
            raise IntegrityError(f"{stored.tag} must be verified: set {KEY_VARIABLE} to the path of the public key")
        return read_verified(Path(stored.path), digest, self._config.public_key, file)
