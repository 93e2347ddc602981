"""The file for small devices and browsers, and the card that a page reads with it."""

from kedro_datasets._typing import JSONPreview

from stillroom.compression.edge import EdgeCard, EdgeFile
from stillroom.datasets.files import FileDataset, UnreadableError
from stillroom.integrity.digests import IntegrityError, check

MODEL, CARD = "model.ort", "model.json"


class EdgeDataset(FileDataset[EdgeFile, EdgeFile]):
    """A folder with `model.ort` and its card `model.json`, which holds its SHA-256; replaced as a whole.

    Raises UnreadableError where the card is not there or not whole, or the model is not the one that was saved with it.
    """

    def read(self, path: str) -> EdgeFile:
        card = EdgeCard.model_validate_json(self._fs.cat_file(f"{path}/{CARD}"))
        try:
            return EdgeFile(check(self._fs.cat_file(f"{path}/{MODEL}"), card.sha256, f"{path}/{MODEL}"), card)
        except IntegrityError as error:
            raise UnreadableError(f"{error}; run the pipeline that makes it again") from error

    def write(self, path: str, data: EdgeFile) -> None:
        self._fs.makedirs(path, exist_ok=True)
        self._fs.pipe_file(f"{path}/{MODEL}", data.model)
        self._fs.pipe_file(f"{path}/{CARD}", data.card.model_dump_json(indent=2).encode())

    def preview(self) -> JSONPreview:
        """The card, for Kedro-Viz."""
        return JSONPreview(self.load().card.model_dump_json())
