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


def no_faster(m: Measured, source: Measured | None) -> str:
    """Where a quantised candidate is no faster than its source, in words; empty where it is."""
    if source is None:
        return ""
    pairs = zip(m.latencies, source.latencies, strict=True)
    slow = [against(mine, theirs) for mine, theirs in pairs if not is_faster(mine, theirs)]
    return f"int8 is no faster here than {source.name}: {', '.join(slow)}" if slow else ""


def against(latency: Latency, other: Latency) -> str:
    """Such as `18.5 µs against 17.1 µs for 1 row`."""
    told = f"{duration(latency.median_us)} against {duration(other.median_us)} for {latency.batch}"
    overlap = latency.low_us <= other.high_us and other.low_us <= latency.high_us
    return f"{told}, which is noise" if overlap else told
