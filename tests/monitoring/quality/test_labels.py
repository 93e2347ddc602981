import datetime as dt

import numpy as np
import polars as pl
import pytest

from stillroom.monitoring.quality import join_labels
from stillroom.table.encoding import Target
from stillroom.table.errors import InputError

MONDAY, TUESDAY = dt.date(2024, 1, 8), dt.date(2024, 1, 9)
BINARY = Target(name="late", task="binary", classes=["no", "yes"])
CLASSES = Target(name="colour", task="multiclass", classes=["blue", "red"])


def said(**columns):
    rows = {"id": [1, 2, 3, 4], "predicted_on": [MONDAY, MONDAY, TUESDAY, TUESDAY], "prediction": [0.1, 0.2, 0.3, 0.4]}
    return pl.LazyFrame(rows | columns)


def join(predictions, labels, target=BINARY, slices=()):
    return join_labels(predictions, labels, "id", target, list(slices))


def test_labels_find_their_predictions_in_any_order_and_the_rest_wait():
    labels = pl.LazyFrame({"id": [4, 1, 2], "late": ["yes", "no", "yes"]})
    found, counts = join(said(), labels)
    np.testing.assert_array_equal(found.target, [0, 1, np.nan, 1])
    np.testing.assert_array_equal(found.prediction, [0.1, 0.2, 0.3, 0.4])
    assert found.days[0] == [MONDAY, TUESDAY]
    assert (counts["predictions"], counts["labelled"], counts["waiting"]) == (4, 3, 1)
    assert not any(counts[key] for key in list(counts)[3:])


def test_the_last_prediction_and_the_last_label_of_a_row_count():
    again = said(id=[1, 2, 2, 1])
    labels = pl.LazyFrame({"id": [1, 2, 1, 1], "late": ["no", "no", None, "yes"]})
    found, counts = join(again, labels)
    assert sorted(zip(found.prediction, found.target, strict=True)) == [(0.3, 0), (0.4, 1)]
    assert (counts["repeated_predictions"], counts["repeated_labels"]) == (2, 1)


def test_labels_of_no_prediction_unknown_ones_and_rows_without_identifier_are_counted_and_left_out():
    labels = pl.LazyFrame({"id": [1, 9, 2, None], "late": ["no", "no", "perhaps", "yes"]})
    found, counts = join(said(id=[1, 2, None, 4]), labels)
    assert len(found) == 3
    np.testing.assert_array_equal(found.target, [0, np.nan, np.nan])
    assert counts["labels_of_no_prediction"] == 1
    assert counts["unknown_labels"] == 1
    assert counts["without_identifier"] == 2


def test_identifiers_of_another_type_are_compared_as_text():
    found, _ = join(said(), pl.LazyFrame({"id": ["3", "x"], "late": ["yes", "no"]}))
    np.testing.assert_array_equal(found.target, [np.nan, np.nan, 1, np.nan])


def test_no_label_at_all_leaves_every_prediction_waiting():
    found, counts = join(said(), pl.LazyFrame(schema={"id": pl.Int64, "late": pl.String}))
    assert np.isnan(found.target).all()
    assert counts["waiting"] == 4


def test_classes_have_a_column_each_and_a_regression_its_values():
    predictions = said(prediction_blue=[0.9, 0.2, 0.5, 0.4], prediction_red=[0.1, 0.8, 0.5, 0.6])
    found, _ = join(predictions, pl.LazyFrame({"id": [2], "colour": ["red"]}), CLASSES)
    assert found.prediction.shape == (4, 2)
    np.testing.assert_array_equal(found.target, [np.nan, 1, np.nan, np.nan])
    grams = Target(name="grams", task="regression", mean=1.0, scale=2.0)
    found, counts = join(said(), pl.LazyFrame({"id": [1, 2], "grams": [7.5, float("nan")]}), grams)
    np.testing.assert_array_equal(found.target, [7.5, np.nan, np.nan, np.nan])
    assert counts["unknown_labels"] == 1


def test_slices_come_from_either_side_and_versions_only_where_there_are_two():
    labels = pl.LazyFrame({"id": [1, 2], "late": ["no", "yes"], "carrier": ["UA", None]})
    found, _ = join(
        said(origin=["JFK", "LGA", "JFK", None], model_version=["a"] * 4), labels, slices=["carrier", "origin"]
    )
    assert found.slices["carrier"].tolist() == ["UA", "(missing)", "(missing)", "(missing)"]
    assert found.slices["origin"].tolist() == ["JFK", "LGA", "JFK", "(missing)"]
    assert set(found.slices) == {"carrier", "origin"}
    found, _ = join(said(model_version=["a", "a", "b", "b"]), labels)
    assert found.slices["model_version"].tolist() == ["a", "a", "b", "b"]


def test_a_column_that_lacks_is_named():
    with pytest.raises(InputError, match="live_predictions: no column prediction; its columns are id, predicted_on"):
        join(said().drop("prediction"), pl.LazyFrame({"id": [1], "late": ["no"]}))
    with pytest.raises(InputError, match="late_labels: no column id, late; its columns are row"):
        join(said(), pl.LazyFrame({"row": [1]}))
