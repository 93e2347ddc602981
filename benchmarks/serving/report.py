"""The figures as tables, and beside them what is to be reached."""

from collections.abc import Callable
from statistics import median

from serving.closed_loop import Case, Turn
from serving.memory import MemoryWatch
from serving.outcome import Outcome, percentile

Turns = dict[str, list[Turn]]
SMALL, LARGE = Case(8, 1), Case(8, 64)


def print_case(case: Case, turns: Turns) -> None:
    """One line a server: medians of its turns."""
    print(f"\n{case}")
    print(f"{'':15}{'requests/s':>12}{'rows/s':>11}{'p50':>11}{'p99':>11}{'CPU a request':>16}{'failed':>8}")
    for name, of in turns.items():
        rate, p50, p99, cpu = (median(getattr(each, what) for each in of) for what in ("rate", "p50", "p99", "cpu"))
        figures = f"{rate:12,.0f}{rate * case.rows:11,.0f}{p50 / 1e3:8.2f} ms{p99 / 1e3:8.2f} ms{cpu / 1e3:13.3f} ms"
        print(f"{name:15}{figures}{sum(each.failed for each in of):8}", flush=True)


def print_ratios(cases: dict[Case, Turns]) -> None:
    """Ours against the others: medians of the ratios of turns next to each other, and what the least is to be."""
    targets: dict[tuple[Case, str], float] = {
        (SMALL, "floor"): 0.9,
        (SMALL, "FastAPI"): 2.0,
        (SMALL, "BentoML stock"): 5.0,
        (LARGE, "floor"): 0.9,
    }
    print("\nOurs against each: throughput, and p99 (less is better)")
    for case, turns in cases.items():
        for name in [each for each in turns if each != "ours"] if "ours" in turns else []:
            rate, p99 = (_ratio(turns, name, what) for what in (lambda t: t.rate, lambda t: t.p99))
            verdict = _verdict(rate, targets.get((case, name)), "at least", rate)
            if (case, name) == (SMALL, "floor"):
                verdict += _verdict(p99, 1.5, "p99 at most", -p99)
            print(f"{case!s:24}{name:15}{rate:7.2f} x{p99:8.2f} x{verdict}")


def _ratio(turns: Turns, name: str, what: Callable[[Turn], float]) -> float:
    return median(what(ours) / what(theirs) for ours, theirs in zip(turns["ours"], turns[name], strict=True))


def _verdict(found: float, target: float | None, words: str, sign: float) -> str:
    if target is None:
        return ""
    good = found >= target if sign > 0 else found <= target
    return f"   {words} {target}: {'reached' if good else 'missed'}"


def print_outcome(name: str, outcome: Outcome, peak: float, memory: MemoryWatch) -> None:
    """What became of an open loop's requests."""
    print(f"\n{name}: {outcome.rate:,.0f} requests/s for {outcome.seconds:.0f} s, peak {peak:,.0f}/s")
    goodput = outcome.goodput / peak
    verdict = "reached" if goodput >= 0.9 else "missed"
    print(
        f"  goodput {outcome.goodput:,.0f}/s (200 within {outcome.deadline_ms:.0f} ms), {goodput:.2f} x the peak",
        end="",
    )
    print(f" (at least 0.9: {verdict}); in the worst ten seconds {outcome.worst / peak:.2f} x")
    print("  " + ", ".join(f"{what} {share:.1%}" for what, share in outcome.shares.items()))
    for what, values in (("answers 200", outcome.answered_ms), ("refusals", outcome.refused_ms)):
        print(f"  {what}: p50 {percentile(values, 50):.1f} ms, p99 {percentile(values, 99):.1f} ms")
    print(f"  {outcome.checked:,} answers checked, {outcome.wrong} wrong")
    print(f"  the generator: {outcome.busy:.0%} of its core, p99 {percentile(outcome.behind_ms, 99):.1f} ms behind")
    print(f"  {memory}", flush=True)


def print_steps(steps: dict[str, float], ours: float, alone: float) -> None:
    """The round trip of one connection, taken apart; ``ours`` and ``alone`` are µs of ours and of uvicorn alone."""
    model, endpoint = steps["model call"], steps.pop("endpoint")
    lines = {"uvicorn, kernel and wrk (uvicorn alone)": alone, **steps}
    lines["our own code between the steps"] = endpoint - sum(steps.values())
    lines["difference to the round trip"] = ours - alone - endpoint
    print(f"\nOne connection, one row: {ours:.0f} µs a round trip, {ours - model:.0f} µs over the model call itself")
    for what, taken in lines.items():
        print(f"  {what:40}{taken:7.1f} µs{taken / ours:8.1%}")
