"""The run's report as one HTML page that needs nothing but itself."""

from typing import Any

from stillroom.compression.report import headline
from stillroom.compression.report.calibration import calibration_pictures, spread_picture
from stillroom.compression.report.curves import curve_pictures
from stillroom.compression.report.data import data_section
from stillroom.compression.report.evidence import Evidence, candidates, interval
from stillroom.compression.report.pareto import pareto_picture
from stillroom.compression.report.quantisation import quantisation_section
from stillroom.pages import METRIC_NAMES, environment, round_axis


def report_page(found: Evidence) -> str:
    """Show what a run found to people."""
    return (
        environment("stillroom.compression.report")
        .get_template("report.html.j2")
        .render(
            title=f"Run report: {found.table.name}",
            found=found,
            headline=headline.headline(found),
            quality_sentence=headline.quality_sentence(found),
            cost_sentence=headline.cost_sentence(found),
            candidates=candidates(found.measurements, found.choice.verdicts, found.choice.metric),
            not_made=found.pruning.not_made | found.int8_trials.not_made,
            differences=_differences(found),
            metrics=list(found.measurements[found.choice.chosen].metrics),
            quantised=quantisation_section(found.int8_trials),
            interval=interval,
            least_cost=min(verdict.cost_per_million for verdict in found.choice.verdicts),
            pareto=pareto_picture(found),
            curves=curve_pictures(found.histories),
            calibration=calibration_pictures(found),
            spread=spread_picture(found),
            gate=_gate_picture(found),
            data=data_section(found.quality, found.table),
            names=METRIC_NAMES,
        )
    )


def _differences(found: Evidence) -> dict[str, tuple[str, str]]:
    """Candidate -> its largest difference, and what from."""
    float32 = {name: (f"{value:.1e}", "torch") for name, value in found.float_parity.items()}
    int8 = {name: (f"{value:.1e}", "float32") for name, value in found.int8_trials.differences.items()}
    return float32 | int8


def _gate_picture(found: Evidence) -> dict[str, Any] | None:
    """Zero, the gain and its interval on one axis; None where there was no champion to compare with."""
    gate = found.gate
    if gate.gain is None or gate.low is None or gate.high is None:
        return None
    least = abs(found.measurements[found.choice.chosen].metrics[gate.metric]) / 1000  # a narrower picture is noise
    axis = round_axis([-least, gate.low, gate.gain, gate.high, least])
    places = {"zero": 0.0, "low": gate.low, "gain": gate.gain, "high": gate.high}
    return {"marks": axis.across(), **{name: axis.place(value) for name, value in places.items()}}
