"""Pictures in requests: base64 text in, clear refusals, brightness and contrast in the profiles."""

import base64
import json

import numpy as np
import pytest

from serving.read import read
from stillroom.serving.errors import RefusedError
from stillroom.serving.model import as_columns
from stillroom.serving.openapi import request_schema
from stillroom.serving.profile_columns import profile_columns
from stillroom.table.inputs import ImageInput, NumericInput
from stillroom.table.inputs.pictures import png
from stillroom.table.signature import Signature
from table.pictures import levels

PICTURE = ImageInput(name="picture", height=8, width=8, channels=1)
SIGNATURE = Signature(table="p", task="binary", target="y", inputs=[NumericInput(name="number"), PICTURE])


def decode(*pictures: object) -> np.ndarray:
    rows = [{"picture": picture} for picture in pictures]
    return read(json.dumps({"rows": rows}).encode(), SIGNATURE, max_rows=9)["picture"]


def text(pixels: np.ndarray) -> str:
    return base64.b64encode(png(pixels)).decode()


def test_base64_text_becomes_pixels_and_null_a_black_picture() -> None:
    first, second = levels(2)
    found = decode(text(first), None, text(second))
    assert (found.shape, found.dtype) == ((3, 8, 8, 1), np.uint8)
    np.testing.assert_array_equal(found, np.stack([first, np.zeros_like(first), second]))


def test_pictures_of_other_sizes_share_a_request() -> None:
    wide = np.full((30, 50, 1), 99, np.uint8)
    found = decode(text(levels(1)[0]), text(wide))
    assert found.shape == (2, 8, 8, 1)
    assert set(found[1].ravel()) == {99}


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [
        (7, "rows[1], column picture: expected an encoded picture (PNG, JPEG, ...) as base64 text, or null, found"),
        ("not base64!", "rows[1], column picture: expected an encoded picture"),
        ("https://host/cat.png", "rows[1], column picture: expected an encoded picture"),
        (base64.b64encode(b"no picture").decode(), "rows[1], column picture: no picture that can be decoded"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_row(picture: object, sentence: str) -> None:
    with pytest.raises(RefusedError) as refused:
        decode(text(levels(1)[0]), picture)
    assert refused.value.status == 422
    assert refused.value.sentence.startswith(sentence)


def test_tables_at_hand_give_the_same_pixels_as_requests() -> None:
    encoded = [png(each) for each in levels(3)]
    columns = as_columns(SIGNATURE, {"picture": np.array([*encoded, None], dtype=object)})
    np.testing.assert_array_equal(columns["picture"][:3], levels(3))
    assert np.isnan(columns["number"]).all()


def test_profiles_tell_of_brightness_and_contrast() -> None:
    flat = np.full((2, 8, 8, 1), 51, np.uint8)
    flat[1, :, :4] = 153
    columns = {"picture": flat, "number": np.ones((2, 1), np.float32)}
    profiled = profile_columns(SIGNATURE, columns, np.array([0.1, 0.2]))
    assert list(profiled) == ["number", "picture.brightness", "picture.contrast", "prediction"]
    np.testing.assert_allclose(profiled["picture.brightness"], [0.2, 0.4])
    np.testing.assert_allclose(profiled["picture.contrast"], [0, 0.2], atol=1e-6)


def test_the_schema_says_that_a_picture_is_base64() -> None:
    properties = request_schema(SIGNATURE, 10)["oneOf"][0]["properties"]["rows"]["items"]["properties"]
    assert (properties["picture"]["type"], properties["picture"]["format"]) == ("string", "byte")
