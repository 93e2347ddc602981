"""The run's findings in a sentence or two."""

from stillroom.compression.report.evidence import TEACHER, Evidence, advantage
from stillroom.pages.numbers import METRIC_NAMES, capital, duration, money, score, short, size

SAME = 1.05  # ratios nearer to 1 than this are not worth a word


def headline(found: Evidence) -> str:
    """What became of the chosen candidate."""
    chosen = found.choice.chosen
    if found.gate.champion is None:
        return f"{chosen} is released: {found.gate.reason}."
    if found.gate.promoted:
        return f"{chosen} is released: it is {found.gate.reason}."
    return f"{found.gate.champion} stays champion: {chosen} is not better by more than noise."


def quality_sentence(found: Evidence) -> str:
    """The chosen candidate's score beside the yardsticks and the teacher."""
    metric, rows = found.choice.metric, len(found.predictions["target"])
    value = found.measurements[found.choice.chosen].metrics[metric]
    others = {name: figures[metric] for name, figures in found.yardsticks.items()}
    others |= {m.name: m.metrics[metric] for m in found.measurements.candidates if m.name == TEACHER}
    others.pop(found.choice.chosen, None)
    named = {"trivial": "the trivial prediction", "lightgbm": "LightGBM", TEACHER: "the teacher"}
    parts = [f"{_compared(advantage(metric, value, other))} {named[name]}" for name, other in others.items()]
    return f"{capital(METRIC_NAMES[metric])} {score(value)} on {rows:,} test rows: {', '.join(parts)}."


def cost_sentence(found: Evidence) -> str:
    """The chosen candidate's size, latency and cost, and those of the teacher as multiples of them."""
    chosen = found.measurements[found.choice.chosen]
    cost = found.budget.cost_per_million(chosen.many.median_us, chosen.many.rows)
    latencies = " and ".join(f"{duration(latency.median_us)} for {latency.batch}" for latency in chosen.latencies)
    paid = f"{money(cost)} {found.budget.cost.currency} for a million predictions"
    told = f"{size(chosen.size_kb)}, {latencies} on one thread, {paid}"
    teacher = next((m for m in found.measurements.candidates if m.name == TEACHER), chosen)
    if teacher.name == chosen.name:
        return f"{told}."
    ratios = [(teacher.size_kb / chosen.size_kb, "smaller", "larger")]
    for theirs, ours in zip(teacher.latencies, chosen.latencies, strict=True):
        ratios.append((theirs.median_us / ours.median_us, f"faster on {ours.batch}", f"slower on {ours.batch}"))
    return f"{told}: {_listed([_times(*ratio) for ratio in ratios])} than the teacher."


def _compared(better: float) -> str:
    if score(abs(better)) == score(0.0):
        return "level with"
    return f"{score(abs(better))} {'better' if better > 0 else 'worse'} than"


def _times(ratio: float, less: str, more: str) -> str:
    if 1 / SAME < ratio < SAME:
        return f"no {less}"
    return f"{short(ratio)} times {less}" if ratio > 1 else f"{short(1 / ratio)} times {more}"


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
