"""The one predict function, on which all protocols stand."""

import asyncio
from collections.abc import Iterable

import numpy as np

from stillroom.serving.model import Columns
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions


class Predictor:
    """Answers columns with predictions of one of its versions."""

    def __init__(self, versions: Versions) -> None:
        self.versions = versions

    async def predict(self, version: Version, pieces: Iterable[Columns]) -> np.ndarray:
        """Predict piece by piece, other requests in between; raises RefusedError where a piece does not fit.

        Returns float32: [rows] probabilities or values, or [rows, classes].
        """
        asked: list[Columns] = []
        answers: list[np.ndarray] = []
        for piece in pieces:
            if asked:
                await asyncio.sleep(0)
            asked.append(piece)
            answers.append(version.model.predict(piece))
        if version.track:
            for columns, predictions in zip(asked, answers, strict=True):
                version.track(columns, predictions)
        return answers[0] if len(answers) == 1 else np.concatenate(answers)
