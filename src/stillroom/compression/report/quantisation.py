"""The walk from float32 to int8, arranged for the page: every trial, and how sensitive the operators are."""

from typing import Any

from stillroom.compression.quantisation.trial import QuantisationTrial, QuantisationTrials

SHOWN = 12


def quantisation_section(found: QuantisationTrials) -> dict[str, Any]:
    """The trials by their float32 model, and a picture of each walk that measured its operators."""
    walks = [(reference, [t for t in found.trials if t.source == reference.name]) for reference in found.references]
    return {
        "walks": walks,
        "pictures": [_picture(trial) for trial in found.trials if trial.sensitivities],
        "metric": found.metric,
        "max_loss": found.max_loss,
        "rows": found.validation_rows,
        "shown": SHOWN,
    }


def _picture(trial: QuantisationTrial) -> dict[str, Any]:
    """One bar an operator, in percent of the largest loss; those that cost nothing have none."""
    largest = max(*(s.loss for s in trial.sensitivities), 1e-12)
    bars = [
        {
            "operator": s.operator,
            "wide": round(100 * max(s.loss, 0.0) / largest, 2),
            "loss": s.loss,
            "kept": s.operator in trial.excluded,
            "text": f"{s.operator}: loss {s.loss:.2g}; predictions change by {s.mean_change:.2g} in the mean, "
            f"{s.largest_change:.2g} at most",
        }
        for s in trial.sensitivities
    ]
    return {"title": trial.name, "told": trial.told, "bars": bars}
