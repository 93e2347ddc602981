"""Labels that come late, joined to the predictions they belong to by the rows' identifiers."""

import polars as pl

from stillroom.monitoring.quality.outcomes import MISSING, Outcomes
from stillroom.table.encoding import Target
from stillroom.table.errors import InputError

PREDICTION, MODEL, DAY = "prediction", "model_version", "predicted_on"
_TRUTH = "stillroom_truth"


def prediction_columns(target: Target) -> list[str]:
    """The columns in which predictions are kept: `prediction`, or one a class."""
    return [f"{PREDICTION}_{name}" for name in target.classes] if target.task == "multiclass" else [PREDICTION]


def join_labels(
    live_predictions: pl.LazyFrame, late_labels: pl.LazyFrame, identifier: str, target: Target, slices: list[str]
) -> tuple[Outcomes, dict[str, int]]:
    """Predictions with their labels, as far as these have come; and what the join found.

    ``live_predictions`` has the identifier, `predicted_on` (a date), the prediction's columns and, where known,
    `model_version`; ``late_labels`` the identifier, the target, and any of the slicing columns, which may be on either
    side. Where an identifier was predicted or labelled more than once the last one counts: of a retry or a correction.
    Rows without an identifier, and labels that the task does not know, are left out. Raises InputError where a column
    is lacking.
    """
    said = prediction_columns(target)
    predictions = _read("live_predictions", live_predictions, [identifier, DAY, *said])
    labels = _read("late_labels", late_labels, [identifier, target.name]).with_columns(
        target.expression().cast(pl.Float64).fill_nan(None).alias(_TRUTH)
    )
    kept = _last(predictions.drop_nulls([identifier, DAY]), identifier)
    usable = labels.drop_nulls([identifier, _TRUTH])
    answers = _last(usable, identifier)
    ours = [column for column in slices if column in kept.columns]
    theirs = [column for column in slices if column in answers.columns and column not in ours]
    ours += [MODEL] if MODEL in kept.columns and kept[MODEL].n_unique() > 1 else []  # versions are slices too
    joined = _joined(
        kept.select(identifier, DAY, *said, *ours), answers.select(identifier, _TRUTH, *theirs), identifier
    )
    labelled = joined.height - joined[_TRUTH].null_count()
    counts = {
        "predictions": joined.height,
        "labelled": labelled,
        "waiting": joined.height - labelled,
        "repeated_predictions": predictions.drop_nulls([identifier, DAY]).height - kept.height,
        "repeated_labels": usable.height - answers.height,
        "labels_of_no_prediction": answers.height - labelled,
        "unknown_labels": labels.filter(pl.col(target.name).is_not_null() & pl.col(_TRUTH).is_null()).height,
        "without_identifier": predictions[identifier].null_count() + labels[identifier].null_count(),
    }
    return _outcomes(joined, target, said, [*ours, *theirs]), counts


def _joined(kept: pl.DataFrame, answers: pl.DataFrame, identifier: str) -> pl.DataFrame:
    if kept[identifier].dtype != answers[identifier].dtype:
        kept, answers = (each.with_columns(pl.col(identifier).cast(pl.String)) for each in (kept, answers))
    return kept.join(answers, on=identifier, how="left").sort(DAY, maintain_order=True)


def _outcomes(rows: pl.DataFrame, target: Target, said: list[str], by: list[str]) -> Outcomes:
    prediction = rows.select(pl.col(said).cast(pl.Float64)).to_numpy()
    return Outcomes(
        task=target.task,
        dates=rows[DAY].cast(pl.Date).to_numpy(),
        prediction=prediction if target.task == "multiclass" else prediction[:, 0],
        target=rows[_TRUTH].fill_null(float("nan")).to_numpy(),
        slices={name: rows[name].cast(pl.String).fill_null(MISSING).to_numpy() for name in by},
    )


def _read(name: str, frame: pl.LazyFrame, wanted: list[str]) -> pl.DataFrame:
    columns = frame.collect_schema().names()
    absent = [column for column in wanted if column not in columns]
    if absent:
        raise InputError(f"{name}: no column {', '.join(absent)}; its columns are {', '.join(columns)}")
    return frame.collect()


def _last(rows: pl.DataFrame, identifier: str) -> pl.DataFrame:
    return rows.unique(identifier, keep="last", maintain_order=True)
