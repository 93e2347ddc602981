"""What is fitted of columns and target, and how values become arrays: missing, unseen and extreme ones too."""

import numpy as np
import polars as pl
import pytest

from stillroom.table.categorical import MISSING, UNKNOWN, CategoricalColumn
from stillroom.table.encoding import Encoding, Target, encode, feeds, fit_encoding, with_odd_values
from stillroom.table.errors import InputError
from stillroom.table.numeric import NumericColumn

from .tables import spec

NAN, INF = float("nan"), float("inf")


def numeric(values, bins=4, dtype=None):
    return NumericColumn.fit("a", pl.Series("a", values, dtype=dtype), bins)


def categorical(values, name="c", max_categories=100, min_count=1, dtype=None):
    return CategoricalColumn.fit(name, pl.Series(name, values, dtype=dtype), max_categories, min_count)


def target(values, **declared):
    return Target.fit(spec(**declared), pl.Series("y", values))


def test_a_number_is_standardised_within_its_quantiles():
    values = np.arange(1001.0)
    column = numeric([*values, 1e9])

    assert (column.low, column.high) == pytest.approx((1.0, 1000.0), abs=1.1)
    assert column.mean == pytest.approx(500.5, abs=1)
    assert column.scale == pytest.approx(289, abs=1)
    assert not column.flag
    assert column.bins == pytest.approx([-1.73, -0.866, 0, 0.866, 1.73], abs=0.01)


def test_missing_numbers_do_not_count_and_are_flagged():
    column = numeric([1.0, 3.0, None, NAN])

    assert (column.mean, column.scale, column.flag) == (2.0, pytest.approx(1.0, rel=0.01), True)


def test_infinities_do_not_count_and_are_not_missing():
    column = numeric([1.0, 3.0, INF, -INF])

    assert (column.mean, column.flag) == (2.0, False)


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([0.1] * 10, None),
        ([2**60, 2**60 + 1], None),
        ([1e-50, 2e-50], None),
        ([None, None], pl.Float64),
        ([None, None], pl.Null),
        ([NAN, INF], None),
        ([1e300, -1e300, 5.0], None),
        ([True, True], None),
    ],
)
def test_what_is_one_value_in_float32_or_none_gets_scale_one_and_two_edges(values, dtype):
    column = numeric(values, dtype=dtype)

    assert column.scale == 1.0
    assert column.low == column.mean == column.high
    assert column.bins == [-1.0, 1.0]


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
def test_statistics_are_finite_in_float32_whatever_the_size(size):
    column = numeric([size * x for x in (-3, -1, 0, 1, 2)])
    fitted = np.array([column.mean, 1 / column.scale, column.low, column.high, *column.bins], dtype=np.float32)

    assert np.isfinite(fitted).all()
    assert np.all(np.diff(column.bins) > 0)


def test_a_value_of_most_rows_takes_one_edge_and_leaves_the_others_to_the_rest():
    column = numeric([0.0] * 900 + [float(i) for i in range(1, 101)], bins=4)
    edges = np.array(column.bins) * column.scale + column.mean
    assert edges == pytest.approx([0, 1, 34, 67, 99], abs=0.5)


def test_a_rest_of_few_rows_gets_few_bins():
    column = numeric([0.0] * 900 + [float(i) for i in range(1, 101)], bins=48)
    assert len(column.bins) == 5


def test_edges_too_near_for_float32_are_one():
    column = numeric([0.0] * 50 + [1e-9 * i for i in range(50)] + [1.0] * 100, bins=64)

    assert np.diff(column.bins).min() > 1e-6


@pytest.mark.parametrize(
    ("values", "raw"),
    [
        ([1, None, 3], [1.0, NAN, 3.0]),
        ([True, False, None], [1.0, 0.0, NAN]),
        ([0.5, NAN, INF], [0.5, NAN, INF]),
        ([1e300, -1e300, 1e-50], [INF, -INF, 0.0]),
    ],
)
def test_numbers_reach_network_and_graph_raw_as_float32(values, raw):
    column, series = numeric(values), pl.Series("a", values)
    expected = np.array(raw, dtype=np.float32)

    np.testing.assert_array_equal(pl.DataFrame(series).select(column.expression())["a"].to_numpy(), expected)
    np.testing.assert_array_equal(column.feed(series), expected.reshape(-1, 1))
    assert column.feed(series).dtype == np.float32


def test_categories_are_numbered_by_frequency_then_name():
    column = categorical(["b", "a", "c", "c", None, ""])

    assert column.vocabulary == ["c", "a", "b"]
    assert column.cardinality == 5


def test_missing_and_unseen_categories_have_codes_of_their_own():
    column = categorical(["x", "y", "x"])
    frame = pl.DataFrame({"c": ["x", "y", "z", "", None]})

    assert frame.select(column.expression())["c"].to_list() == [2, 3, UNKNOWN, MISSING, MISSING]
    assert column.feed(frame["c"]).ravel().tolist() == ["x", "y", "z", "", ""]


def test_rare_categories_and_those_beyond_the_most_are_unknown():
    values = ["x"] * 5 + ["y"] * 4 + ["z"] * 3 + ["rare"]

    assert categorical(values, min_count=2).vocabulary == ["x", "y", "z"]
    assert categorical(values, max_categories=1).vocabulary == ["x"]
    assert categorical(["once", "twice"], min_count=3).cardinality == 2


@pytest.mark.parametrize("name", ["n", "rows", "value", "count", ""])
def test_a_category_column_may_have_any_name(name):
    assert categorical(["x"], name=name).vocabulary == ["x"]


@pytest.mark.parametrize(
    ("values", "dtype", "vocabulary"),
    [
        ([7, 7, 3], None, ["7", "3"]),
        ([True, True, False], None, ["true", "false"]),
        (["x", "x", "y"], pl.Categorical, ["x", "y"]),
        (["x", "x", "y"], pl.Enum(["y", "x"]), ["x", "y"]),
        ([None, None], pl.String, []),
        ([None, None], pl.Null, []),
    ],
)
def test_categories_of_any_type_are_text(values, dtype, vocabulary):
    column, series = categorical(values, dtype=dtype), pl.Series("c", values, dtype=dtype)

    assert column.vocabulary == vocabulary
    codes = pl.DataFrame(series).select(column.expression())["c"].to_list()
    assert codes == [2 + vocabulary.index(str(v).lower()) if v is not None else MISSING for v in values]


def test_a_class_is_its_place_among_the_sorted_names():
    fitted = target(["b", "c", "a", "b"], task="multiclass")
    frame = pl.DataFrame({"y": ["a", "c", "new", None]})

    assert (fitted.classes, fitted.outputs) == (["a", "b", "c"], 3)
    np.testing.assert_array_equal(frame.select(fitted.expression())["y"].to_numpy(), [0, 2, NAN, NAN])


@pytest.mark.parametrize(("values", "classes"), [([1, 0], ["0", "1"]), ([True, False], ["false", "true"])])
def test_numbers_and_booleans_are_classes_too(values, classes):
    fitted = target(values)

    assert (fitted.classes, fitted.outputs) == (classes, 1)
    assert pl.DataFrame({"y": values}).select(fitted.expression())["y"].to_list() == [1.0, 0.0]


def test_a_regression_keeps_mean_and_scale():
    fitted = target([1.0, 3.0, 5.0], task="regression")

    assert (fitted.mean, fitted.scale) == (3.0, pytest.approx(1.633, abs=1e-3))


@pytest.mark.parametrize(
    ("values", "task", "message"),
    [
        (
            [1, 1],
            "binary",
            r"the target y has 1 class\(es\) in the training split \(1\); task binary needs exactly two",
        ),
        ([0, 1, 2], "binary", r"has 3 class\(es\) in the training split \(0, 1, 2\); task binary needs exactly two"),
        (["a", "a"], "multiclass", "task multiclass needs at least two"),
        ([], "binary", r"has 0 class\(es\)"),
        ([0.1, 0.1, 0.1], "regression", "the target y is constant in the training split"),
        ([4.0], "regression", "the target y is constant in the training split"),
        ([], "regression", "the target y is constant in the training split"),
    ],
)
def test_a_target_that_leaves_nothing_to_learn_is_refused(values, task, message):
    with pytest.raises(InputError, match=message):
        target(values, task=task)


TABLE = spec(numeric=["a", "b"], categorical=["c"], min_category_count=1)
FRAME = pl.DataFrame({"a": [1.0, None, 3.0], "b": [1, 2, 3], "c": ["x", None, "y"], "y": [0, 1, None]})


def test_encoding_gives_arrays_of_every_kind():
    encoded = encode(FRAME.lazy(), fit_encoding(FRAME.lazy(), TABLE, ["a", "b", "c"], bins=4))

    np.testing.assert_array_equal(encoded["numeric"], np.array([[1, 1], [NAN, 2], [3, 3]], dtype=np.float32))
    np.testing.assert_array_equal(encoded["categorical"], [[2], [0], [3]])
    np.testing.assert_array_equal(encoded["target"], [0, 1, NAN])
    assert [encoded[k].dtype for k in ("numeric", "categorical", "target")] == [np.float32, np.int64, np.float32]


def test_only_the_kept_columns_are_encoded():
    encoding = fit_encoding(FRAME.lazy(), TABLE, ["b"], bins=4)
    encoded = encode(FRAME.lazy(), encoding)

    assert [c.name for c in encoding.columns] == ["b"]
    assert {kind: array.shape for kind, array in encoded.inputs.items()} == {"numeric": (3, 1)}


def test_extra_columns_travel_along():
    encoding = fit_encoding(FRAME.lazy(), TABLE, ["a"], bins=4)
    soft = FRAME.with_columns(soft=pl.Series([0.25, 0.5, 1.0])).lazy()

    assert encode(soft, encoding, extra=("soft",))["soft"].tolist() == [0.25, 0.5, 1.0]


def test_feeds_are_raw_columns():
    encoding = fit_encoding(FRAME.lazy(), TABLE, ["a", "b", "c"], bins=4)
    fed = feeds(FRAME, encoding)

    assert {name: array.shape for name, array in fed.items()} == {"a": (3, 1), "b": (3, 1), "c": (3, 1)}
    np.testing.assert_array_equal(np.hstack([fed["a"], fed["b"]]), encode(FRAME.lazy(), encoding)["numeric"])


def test_odd_rows_have_missing_values_in_every_column_and_unseen_text():
    rows = pl.DataFrame({"a": [1.0] * 40, "b": [True] * 40, "c": ["x"] * 40, "y": ["no", "yes"] * 20})
    odd = with_odd_values(rows, fit_encoding(FRAME.lazy(), TABLE, ["a", "b", "c"], bins=4), every=10)

    assert odd.null_count().row(0) == (4, 4, 4, 0)
    assert (odd["c"] == "never seen before").sum() == 4
    assert odd["y"].equals(rows["y"])


def test_an_encoding_survives_json():
    encoding = fit_encoding(FRAME.lazy(), TABLE, ["a", "b", "c"], bins=4)

    assert Encoding.model_validate_json(encoding.model_dump_json()) == encoding
