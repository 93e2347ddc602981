"""FastAPI as its tutorial says: a pydantic model for the body, with a field for each of the 47 columns."""

from fastapi import FastAPI
from flights import Flights
from pydantic import BaseModel, create_model

model = Flights()
Row = create_model(
    "Row",
    **dict.fromkeys(model.numbers, (float | None, None)),
    **dict.fromkeys(model.texts, (str | None, None)),
)


class Rows(BaseModel):
    """The body."""

    rows: list[Row]


class Predictions(BaseModel):
    """The answer."""

    predictions: list[float]


app = FastAPI()


# Not `def`, which FastAPI would run in a thread: that is slower for so short a call.
@app.post("/predict")
async def predict(body: Rows) -> Predictions:
    """Rows in, predictions out."""
    return Predictions(predictions=model.predict([vars(row) for row in body.rows]))
