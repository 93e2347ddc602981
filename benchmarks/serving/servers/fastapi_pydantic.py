"""FastAPI with a pydantic model for the body, which has a field for each of the 47 columns.

`app` is as its documentation says: `def`, since the model's call blocks, and `model_dump()`. `quick` is as fast as we
know how to make it: `async def`, which saves the thread, and the rows' fields as they are.
"""

from fastapi import FastAPI
from flights import Flights
from pydantic import BaseModel, create_model

model = Flights()
numbers = dict.fromkeys(model.numbers, (float | None, None))
texts = dict.fromkeys(model.texts, (str | None, None))
Row = create_model("Row", **numbers, **texts)


class Rows(BaseModel):
    """The body."""

    rows: list[Row]


class Predictions(BaseModel):
    """The answer."""

    predictions: list[float]


app, quick = FastAPI(), FastAPI()


@app.post("/predict")
def predict(body: Rows) -> Predictions:
    """Rows in, predictions out."""
    return Predictions(predictions=model.predict([row.model_dump() for row in body.rows]))


@quick.post("/predict")
async def predict_quickly(body: Rows) -> Predictions:
    """The same."""
    return Predictions(predictions=model.predict([vars(row) for row in body.rows]))
