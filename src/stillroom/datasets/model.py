"""A pydantic model as JSON, checked when loaded: encodings, choices, verdicts."""

from typing import Any

from hydra.utils import get_class
from pydantic import BaseModel, ValidationError

from stillroom.datasets.files import UnreadableError
from stillroom.datasets.text import JsonDataset


class ModelDataset(JsonDataset):
    """A pydantic model in a JSON file.

    Args:
        model: the model's dotted class path, such as `stillroom.table.encoding.Encoding`.
    """

    def __init__(self, *, model: str, **kwargs: Any):
        super().__init__(**kwargs)
        self._model: type[BaseModel] = get_class(model)

    def read(self, path: str) -> BaseModel:
        try:
            return self._model.model_validate_json(self.read_text(path))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the document"
            raise UnreadableError(
                f"{path} does not hold a {self._model.__name__} ({where}: {first['msg']}): make it anew"
            ) from error
