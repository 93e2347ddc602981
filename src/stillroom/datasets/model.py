"""A pydantic model as JSON, checked when loaded: encodings, choices, verdicts."""

from typing import Any

from hydra.utils import get_class
from kedro.io.core import DatasetError
from pydantic import BaseModel, ValidationError

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
            return self._model.model_validate(super().read(path))
        except (ValidationError, ValueError) as error:
            raise DatasetError(f"{path} does not hold a {self._model.__name__}: {error}") from error
