"""Encoded pictures as pixels: the one function that training, export checks and the service decode with."""

import io

import numpy as np

MODES = {1: "L", 3: "RGB"}
MOST_PIXELS = 50_000_000


class PictureError(ValueError):
    """Bytes that are no picture, or one too large; the message says which."""


def pixels(encoded: bytes | None, height: int, width: int, channels: int) -> np.ndarray:
    """One picture (PNG, JPEG, ... whatever Pillow reads) as uint8 [height, width, channels]; a missing one is black.

    A picture of another size is resized (bilinear, antialiased), so that pictures of any size make one batch. The
    exported graph does the same, to within one level of 255, for who hands it pixels of another size.
    Raises PictureError.
    """
    if encoded is None:
        return np.zeros((height, width, channels), np.uint8)
    # A service whose model takes no pictures is packed without Pillow.
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(encoded)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise PictureError(f"{picture.width} x {picture.height} pixels are more than the {MOST_PIXELS} allowed")
            whole = picture.convert(MODES[channels])
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureError(f"no picture that can be decoded ({' '.join(str(error).split())[:80]})") from error
    if whole.size != (width, height):
        whole = whole.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(whole).reshape(height, width, channels)


def png(values: np.ndarray) -> bytes:
    """Pixels, uint8 [height, width] or [height, width, channels], as an encoded picture."""
    from PIL import Image

    file = io.BytesIO()
    squeezed = values[..., 0] if values.ndim == 3 and values.shape[-1] == 1 else values
    Image.fromarray(squeezed).save(file, "PNG")
    return file.getvalue()
