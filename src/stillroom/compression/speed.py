"""Whether int8 is faster than its float32 source on this machine, by more than noise."""

from stillroom.compression.measure import Latency, Measured
from stillroom.pages.numbers import duration


def is_faster(latency: Latency, source: Latency) -> bool:
    """Whether the intervals of the two medians lie apart, this one's below."""
    return latency.high_us < source.low_us


def counted_us(latency: Latency, source: Latency | None) -> float:
    """The median by which a candidate is chosen: a quantised one that is no faster than its source gains nothing."""
    if source is None or is_faster(latency, source):
        return latency.median_us
    return max(latency.median_us, source.median_us)


def no_faster(m: Measured, source: Measured | None) -> dict[str, str]:
    """Batch -> the medians of a quantised candidate and of its source, where it is no faster."""
    if source is None:
        return {}
    pairs = zip(m.latencies, source.latencies, strict=True)
    return {mine.batch: against(mine, theirs) for mine, theirs in pairs if not is_faster(mine, theirs)}


def told(no_faster: dict[str, str], source: str | None) -> str:
    """In words, such as `int8 is no faster here than student: 18.5 µs against 17.1 µs for 1 row`."""
    medians = ", ".join(f"{compared} for {batch}" for batch, compared in no_faster.items())
    return f"int8 is no faster here than {source}: {medians}" if no_faster else ""


def against(latency: Latency, other: Latency) -> str:
    """Such as `18.5 µs against 17.1 µs`, and whether the difference is noise."""
    compared = f"{duration(latency.median_us)} against {duration(other.median_us)}"
    overlap = latency.low_us <= other.high_us and other.low_us <= latency.high_us
    return f"{compared} (noise)" if overlap else compared
