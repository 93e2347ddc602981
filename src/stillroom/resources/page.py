"""What a run used and cost, as one HTML page that needs nothing but itself."""

from stillroom.pages import environment
from stillroom.resources.record import RunResources

BARS = ("wall_s", "cpu_s", "peak_bytes")


def resources_page(found: RunResources, table: str) -> str:
    """Show what a run used to people."""
    return (
        environment("stillroom.resources")
        .get_template("resources.html.j2")
        .render(
            title=f"Resources and cost: {table}",
            found=found,
            nodes=found.dearest,
            least=min((node.cost for node in found.nodes if node.cost > 0), default=1.0),
            longest={bar: max((getattr(node, bar) for node in found.nodes), default=0) for bar in BARS},
        )
    )
