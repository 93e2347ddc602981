"""The versions that one service holds, and which of them answers a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import random

from stillroom.serving.errors import RefusedError
from stillroom.serving.version import Version


@dataclass(frozen=True, slots=True)
class _Serving:
    """What answers at one time; replaced as a whole, so that no request meets half a change."""

    loaded: Mapping[str, Version]
    default: Version
    canary: Version | None = None
    canary_share: float = 0.0


class Versions:
    """The loaded versions by number: one is the default, and one may be a canary.

    ``ready`` says whether more requests are wanted: not once the service is ending, though it still answers.
    """

    def __init__(self, default: Version) -> None:
        self._serving = _Serving({default.number: default}, default)
        self.ready = True

    @property
    def default(self) -> Version:
        """What answers where no version is asked for."""
        return self._serving.default

    @property
    def canary(self) -> Version | None:
        """What answers a share of them instead, if any."""
        return self._serving.canary

    @property
    def canary_share(self) -> float:
        """That share, 0 to 1."""
        return self._serving.canary_share

    @property
    def loaded(self) -> list[Version]:
        """All loaded versions."""
        return list(self._serving.loaded.values())

    def pick(self, number: str | None = None) -> Version:
        """The version asked for, else the canary for its share of requests, else the default.

        Raises RefusedError where the version asked for is not loaded.
        """
        serving = self._serving
        if number is None:
            canary = serving.canary
            return canary if canary and random() < serving.canary_share else serving.default
        if number not in serving.loaded:
            raise RefusedError(404, f"version {number} is not loaded; loaded are: {', '.join(serving.loaded)}")
        return serving.loaded[number]

    def serve(
        self, loaded: Mapping[str, Version], default: str, canary: str | None = None, canary_share: float = 0.0
    ) -> None:
        """Answer with these from now on; a request that has its version keeps it.

        ``default`` and ``canary`` are numbers of ``loaded``; the canary gets ``canary_share``, 0 to 1, of the requests
        that ask for no version.
        """
        self._serving = _Serving(loaded, loaded[default], loaded[canary] if canary else None, canary_share)
