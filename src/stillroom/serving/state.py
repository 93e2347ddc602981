"""What the workers of one service have in common: which versions they hold, and which of these answer."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from stillroom.serving.errors import RefusedError
from stillroom.serving.settings import ServiceConfig


class State(BaseModel):
    """The default, the canary and its share, what is loaded, and the defaults before, oldest first.

    Versions are called by their numbers. ``declared`` is the declaration that the service was started with: a state
    that began from another one is not this service's. Changes give a new state, or raise RefusedError.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    declared: str
    default: str
    canary: str | None = None
    canary_share: float = 0.0
    loaded: tuple[str, ...]
    former: tuple[str, ...] = ()

    @classmethod
    def declared_by(cls, tag: str, config: ServiceConfig) -> Self:
        """The state in which the service of this model begins."""
        number = tag.partition(":")[2]
        canary = [config.canary] if config.canary else []
        return cls(
            declared=f"{tag} versions={','.join(config.versions)} canary={config.canary} {config.canary_share:g}",
            default=number,
            canary=config.canary,
            canary_share=config.canary_share,
            loaded=tuple(dict.fromkeys([number, *config.versions, *canary])),
        )

    def with_loaded(self, number: str) -> Self:
        """One more version, which answers those who ask for it."""
        return self if number in self.loaded else self._but(loaded=(*self.loaded, number))

    def with_default(self, number: str) -> Self:
        """Another default; where it was the canary, there is none any more."""
        if number == self.default:
            return self
        promoted = {"canary": None, "canary_share": 0.0} if number == self.canary else {}
        former = (*self.former, self.default)
        return self.with_loaded(number)._but(default=number, former=former, **promoted)

    def with_canary(self, number: str, share: float) -> Self:
        """A canary with this share, 0 to 1, of the requests that ask for no version; with 0 it is none any more."""
        if number == self.default:
            raise RefusedError(409, f"version {number} is the default; the canary must be another one")
        return self.with_loaded(number)._but(canary=number if share else None, canary_share=share)

    def rolled_back(self) -> Self:
        """Without the canary; where there is none, with the default before in place."""
        if self.canary:
            return self._but(canary=None, canary_share=0.0)
        if not self.former:
            raise RefusedError(409, "there is neither a canary to stop nor a default before this one to go back to")
        *former, default = self.former
        return self.with_loaded(default)._but(default=default, former=tuple(former))

    def without(self, number: str) -> Self:
        """One version less; it must not be the default nor the canary."""
        if number not in self.loaded:
            raise RefusedError(404, f"version {number} is not loaded; loaded are: {', '.join(self.loaded)}")
        if number in (self.default, self.canary):
            role = "default" if number == self.default else "canary"
            raise RefusedError(409, f"version {number} is the {role} and cannot be unloaded; roll back first")
        return self._but(loaded=tuple(each for each in self.loaded if each != number))

    def new_beside(self, before: "State") -> set[str]:
        """The versions that have another part here than in the state before."""
        new = set(self.loaded) - set(before.loaded)
        new |= {self.default} - {before.default}
        return new | ({self.canary} - {before.canary} if self.canary else set())

    def _but(self, **changes: object) -> Self:
        return self.model_copy(update=changes)
