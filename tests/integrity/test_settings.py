import pytest
from pydantic import ValidationError

from stillroom.integrity.settings import SigningConfig


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"required": True}, "signatures are required: name both private_key and public_key"),
        ({"required": True, "public_key": "p.pem"}, "signatures are required: name both private_key and public_key"),
        ({"private_key": "k.pem"}, "name both private_key and public_key, or neither"),
        ({"publickey": "p.pem"}, "Extra inputs are not permitted"),
    ],
)
def test_keys_that_are_not_all_named_are_refused(declared: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        SigningConfig.model_validate(declared)
