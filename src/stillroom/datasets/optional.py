"""A dataset that need not be there."""

from typing import Any, NoReturn

from kedro.io import AbstractDataset, DatasetError


class OptionalDataset(AbstractDataset[NoReturn, Any]):
    """Another dataset, or None as long as it is not there; it can only be loaded.

    Args:
        dataset: the other, as a catalog entry has it.
        metadata: ignored by Kedro; read by Kedro-Viz.
    """

    def __init__(self, *, dataset: dict[str, Any], metadata: dict[str, Any] | None = None):
        self.metadata = metadata
        self._dataset = AbstractDataset.from_config("optional", dataset)

    def load(self) -> Any:
        """Load the other dataset, if it is there."""
        return self._dataset.load() if self._dataset.exists() else None

    def save(self, data: NoReturn) -> NoReturn:
        """Refused: what may be there is put there by others."""
        raise DatasetError(f"{self._dataset} is only read from")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {"dataset": str(self._dataset)}
