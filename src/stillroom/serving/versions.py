"""The versions that one service holds, and which of them answers a request."""

from stillroom.serving.errors import RefusedError
from stillroom.serving.version import Version


class Versions:
    """The loaded versions by number, one of them the default."""

    def __init__(self, default: Version) -> None:
        self._loaded = {default.number: default}
        self._default = default

    @property
    def default(self) -> Version:
        """What answers where no version is asked for."""
        return self._default

    @property
    def loaded(self) -> list[Version]:
        """All loaded versions."""
        return list(self._loaded.values())

    def pick(self, number: str | None = None) -> Version:
        """The version asked for, else the default; raises RefusedError where it is not loaded."""
        if number is None:
            return self._default
        if number not in self._loaded:
            raise RefusedError(404, f"version {number} is not loaded; loaded are: {', '.join(self._loaded)}")
        return self._loaded[number]
