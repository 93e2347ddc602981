"""The nodes that every table goes through: checked, split, described, encoded."""

import polars as pl
import pytest

from stillroom.pipelines.prepare.nodes import describe_table, encode_table, split_table
from stillroom.table.errors import InputError
from stillroom.table.settings import EncodingConfig
from stillroom.table.spec import TableSpec

ROWS = 200
SOURCE = pl.LazyFrame(
    {
        "key": range(ROWS),
        "height": [float(i % 23) for i in range(ROWS)],
        "feet": [3.28 * (i % 23) for i in range(ROWS)],
        "room": [["hall", "attic", None][i % 3] for i in range(ROWS)],
        "diary": ["secret"] * ROWS,
        "haunted": [None if i == 0 else i % 2 for i in range(ROWS)],
    }
)
TABLE = TableSpec.model_validate(
    {
        "name": "rooms",
        "source": "rooms",
        "task": "binary",
        "target": "haunted",
        "row_id": "key",
        "split": {"kind": "random", "seed": 4, "validation": 0.2, "test": 0.2},
        "numeric": ["height", "feet"],
        "categorical": ["room"],
        "forbidden": ["diary"],
    }
)


@pytest.fixture(scope="module")
def training_table():
    return split_table(SOURCE, TABLE)


def test_the_training_table_holds_what_is_declared_and_nothing_that_leaks(training_table):
    assert training_table.collect_schema().names() == ["height", "feet", "room", "haunted", "key", "split"]


def test_every_row_is_kept_and_those_without_a_target_take_no_part(training_table):
    rows = training_table.collect()
    assert rows["key"].to_list() == list(range(ROWS))
    assert rows.filter(pl.col("split") == "unlabelled")["key"].to_list() == [0]


def test_rows_go_by_their_identifier_however_the_source_had_them():
    shuffled = SOURCE.collect().sample(fraction=1, shuffle=True, seed=1).lazy()
    assert split_table(shuffled, TABLE).collect()["key"].to_list() == list(range(ROWS))


def test_nothing_is_computed_before_it_is_asked_for(training_table):
    assert isinstance(training_table, pl.LazyFrame)


def test_a_table_that_is_not_what_the_spec_says_is_refused_before_it_is_split():
    with pytest.raises(InputError, match="the spec declares room, which rooms does not hold"):
        split_table(SOURCE.drop("room"), TABLE)


def test_the_redundant_column_is_named_and_not_encoded(training_table):
    quality = describe_table(training_table, TABLE)
    encoding = encode_table(training_table, quality, TABLE, EncodingConfig(bins=4))

    assert quality["dropped"] == {"feet": "correlation 1.000 with height (max_correlation 0.99)"}
    assert [column.name for column in encoding.columns] == ["height", "room"]


def test_statistics_are_of_the_training_rows_only(training_table):
    elsewhere = pl.col("split") != "train"
    changed = training_table.with_columns(
        height=pl.when(elsewhere).then(1e6).otherwise("height"),
        room=pl.when(elsewhere).then(pl.lit("cellar")).otherwise("room"),
    )
    quality = describe_table(training_table, TABLE)
    encodings = [encode_table(rows, quality, TABLE, EncodingConfig(bins=4)) for rows in (training_table, changed)]

    assert encodings[0] == encodings[1]
    assert describe_table(changed, TABLE)["columns"] == quality["columns"]
