"""Which format answers, by the header `Accept` (RFC 9110, section 12.5.1)."""

from collections.abc import Mapping

from stillroom.serving.errors import RefusedError
from stillroom.serving.formats.base import Format


def accepted(accept: bytes | None, given: Format, formats: Mapping[str, Format]) -> Format:
    """The format that the header prefers; the body's own, ``given``, where that is as good as any.

    Raises RefusedError (406) where the header names none of ``formats``, which are by media type.
    """
    if accept is None or accept == b"*/*":
        return given
    wanted = accept.decode("latin-1").lower()
    qualities = _qualities(wanted)
    choices = [given, *(each for each in formats.values() if each is not given)]
    best = max(choices, key=lambda each: _quality(each.media_type, qualities))
    if _quality(best.media_type, qualities) == 0:
        raise RefusedError(406, f"cannot answer as {wanted[:80]}; the choices are: {', '.join(formats)}")
    return best


def _qualities(accept: str) -> dict[str, float]:
    """The quality of each media range."""
    qualities = {}
    for part in accept.split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            qualities[media_range] = float(quality)
        except ValueError:
            raise RefusedError(400, f'the header Accept has the quality "{quality[:20]}", which is no number') from None
    return qualities


def _quality(media_type: str, qualities: Mapping[str, float]) -> float:
    """That of the most specific range."""
    ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
    return next((qualities[each] for each in ranges if each in qualities), 0.0)
