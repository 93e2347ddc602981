"""What may be declared of augmentation."""

from pydantic import Field

from stillroom.table.spec import Declared


class AugmentConfig(Declared):
    """How many synthetic rows, and the model that they are drawn from.

    ``factor`` synthetic rows a training row, but no more than ``max_rows``. ``rounds`` of Gibbs sampling redraw every
    value that often: the more, the further from the real row that a synthetic one begins as. ``width`` and ``blocks``
    are the model's, trained for ``epochs`` at most and while the validation rows become likelier.
    """

    factor: float = Field(default=5.0, gt=0)
    max_rows: int = Field(default=20_000, gt=0)
    rounds: int = Field(default=1, gt=0)
    epochs: int = Field(default=100, gt=0)
    width: int = Field(default=32, gt=0, multiple_of=4)
    blocks: int = Field(default=2, gt=0)
