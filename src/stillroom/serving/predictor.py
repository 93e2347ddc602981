"""The one predict function, on which all protocols stand."""

import asyncio
from collections.abc import Iterable
from time import perf_counter

import numpy as np

from stillroom.serving.admission import Admission, too_late
from stillroom.serving.metrics import Metrics
from stillroom.serving.pieces import Piece, together
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions


class Predictor:
    """Answers columns with predictions of one of its versions; what it answers is counted in ``metrics``."""

    def __init__(self, versions: Versions, config: ServiceConfig) -> None:
        self.versions = versions
        self.metrics = Metrics()
        self._admission = Admission(config.max_waiting, config.deadline_seconds)

    async def predict(
        self, version: Version, pieces: Iterable[Piece], begun: float, identifiers: bytes | None = None
    ) -> np.ndarray:
        """Predict piece by piece, other requests in between.

        The deadline counts from ``begun``, of perf_counter; ``identifiers`` is the header that names the rows.

        Returns float32: [rows] probabilities or values, or [rows, classes]. Raises RefusedError where a piece does not
        fit, too many requests are waiting, or a piece's turn did not come in time.
        """
        answers: list[np.ndarray] = []
        until = self._admission.enter(begun)
        try:
            for piece in pieces:
                if answers:
                    await asyncio.sleep(0)
                    if perf_counter() > until:
                        raise too_late()
                answers.append(await self._piece(version, piece, until))
        finally:
            self._admission.leave()
        predictions = answers[0] if len(answers) == 1 else np.concatenate(answers)
        self.metrics.predictions.add(version, predictions)
        if version.answered:
            version.answered(predictions, perf_counter() - begun, identifiers)
        return predictions

    async def _piece(self, version: Version, piece: Piece, until: float) -> np.ndarray:
        if version.batcher is None:
            predictions = version.predict(together([piece]))
            version.calls.add(len(predictions))
            return predictions
        return await version.batcher.predict(piece, until, company=self._admission.within > 1)
