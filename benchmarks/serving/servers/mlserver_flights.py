"""MLServer, a custom model: the Open Inference Protocol's tensors, one a column."""

import numpy as np
from flights import Flights
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class FlightsModel(MLModel):
    """Predictions of the flights."""

    async def load(self) -> bool:
        """Load the model."""
        self.model = Flights()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Columns in, predictions out."""
        columns = {
            each.name: np.array(each.data.root, object if each.datatype == "BYTES" else np.float32).reshape(-1, 1)
            for each in payload.inputs
        }
        predictions = np.array(self.model.run(columns))
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("prediction", predictions)])
