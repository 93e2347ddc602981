"""Which version of a model is champion: a small file that a team shares, and the model it names."""

from typing import Any

from kedro.io import DatasetError
from pydantic import BaseModel, ConfigDict

from stillroom.datasets.bento import BentoModelDataset, Release
from stillroom.datasets.text import JsonDataset


class Champion(BaseModel):
    """The champion's tag in the model store, and the champions before it, oldest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tag: str | None = None
    before: list[str] = []

    def succeeded_by(self, tag: str) -> "Champion":
        """The record once another version is champion; the same where it is that already, as after a killed run."""
        if tag == self.tag:
            return self
        return Champion(tag=tag, before=[*self.before, self.tag] if self.tag else self.before)

    def rolled_back(self) -> "Champion":
        """The record with the champion before in place. Raises ValueError where there is none."""
        if not self.before:
            raise ValueError("there is no champion before this one to roll back to")
        return Champion(tag=self.before[-1], before=self.before[:-1])


class ChampionDataset(JsonDataset):
    """The `Champion` record at any fsspec path; an empty record where nothing was released yet."""

    def load(self) -> Champion:
        """Load the record."""
        return Champion.model_validate(super().load()) if self._exists() else Champion()


class ChampionModelDataset(JsonDataset):
    """The champion's `Release` from the BentoML model store, or None; it can only be loaded.

    Args:
        signing: as of `stillroom.datasets.bento.BentoModelDataset`.
    """

    def __init__(self, *, signing: dict[str, Any] | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self._signing = signing

    def load(self) -> Release | None:
        """Load the champion's model. Raises DatasetError where the store has lost it, or holds another."""
        tag = Champion.model_validate(super().load()).tag if self._exists() else None
        if tag is None:
            return None
        name, _, version = tag.partition(":")
        try:
            return BentoModelDataset(name=name, version=version, signing=self._signing).load()
        except DatasetError as error:
            raise DatasetError(
                f"{self._filepath} names the champion {tag}, but {error}: bring that model store back "
                "(BENTOML_HOME), or delete the file to begin without a champion"
            ) from error

    def save(self, data: Any) -> None:
        """Refused: a model becomes champion by its tag."""
        raise ValueError("save the champion's tag to the dataset `champion`, not the model")
