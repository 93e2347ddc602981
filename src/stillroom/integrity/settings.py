"""What may be declared of signing."""

from pathlib import Path
from typing import Self

from pydantic import model_validator

from stillroom.table.spec import Declared


class SigningConfig(Declared):
    """The key pair that signs and verifies models.

    ``private_key`` and ``public_key`` are paths of PEM files. With keys, what is saved is signed, and a signature that
    is there is verified; ``required`` refuses a model without one too.
    """

    required: bool = False
    private_key: Path | None = None
    public_key: Path | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        keys = (self.private_key, self.public_key)
        if self.required and None in keys:
            raise ValueError("signatures are required: name both private_key and public_key, as `kedro keys` makes")
        if keys.count(None) == 1:
            raise ValueError("name both private_key and public_key, or neither")
        return self
