"""What a run used, as lines of text for a terminal."""

from stillroom.pages.numbers import count, money, size, span
from stillroom.pages.text import aligned
from stillroom.resources.record import NodeResources, Resources, RunResources

SHOWN = 5


def resources_table(found: RunResources, page: str) -> str:
    """The dearest nodes and the run, one line each; ``page`` is where all are shown."""
    shown = found.dearest[:SHOWN]
    least = min((node.cost for node in [*shown, found] if node.cost > 0), default=1.0)
    gpu = found.gpu_s > 0
    head = ["node", "time", "CPU", *(["GPU"] if gpu else []), "memory", "rows in", "rows out", "read", "written"]
    lines = [["  " + head[0], *head[1:], found.prices.currency, f"{found.prices.currency}/million rows"]]
    lines += [
        [f"  {node.name}", *_used(node, gpu), *_moved(node), money(node.cost, least), _per_million(node, least)]
        for node in shown
    ]
    lines += [["  the run", *_used(found, gpu), "", "", "", "", money(found.cost, least), ""]]
    others = len(found.nodes) - len(shown)
    return "\n".join(
        [
            f"What the run used, the {len(shown)} dearest of {len(found.nodes)} nodes"
            if others
            else "What the run used",
            *aligned(lines, left=(0,)),
            "",
            f"All nodes   {page}",
        ]
    )


def _used(used: Resources, gpu: bool) -> list[str]:
    times = [used.wall_s, used.cpu_s, *([used.gpu_s] if gpu else [])]
    return [*map(span, times), size(used.peak_bytes / 1000)]


def _moved(node: NodeResources) -> list[str]:
    volumes = [node.bytes_read, node.bytes_written]
    return [count(node.rows_in), count(node.rows_out), *("–" if v is None else size(v / 1000) for v in volumes)]


def _per_million(node: NodeResources, least: float) -> str:
    return "–" if node.cost_per_million_rows is None else money(node.cost_per_million_rows, least)
