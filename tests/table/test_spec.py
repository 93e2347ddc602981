"""The declaration of a table: what is refused, and why."""

import pytest
from pydantic import ValidationError

from stillroom.table.spec import TableSpec

TIME = {"kind": "time", "validation": "2020-03-01", "test": "2020-04-01", "live": "2020-05-01"}
RANDOM = {"kind": "random", "seed": 1, "validation": 0.2, "test": 0.2}
SOUND = {
    "name": "trips",
    "source": "trips",
    "task": "binary",
    "target": "late",
    "time": "start",
    "row_id": "trip",
    "split": TIME,
    "numeric": ["distance"],
    "categorical": ["city"],
    "forbidden": ["end"],
}


def refusal(**changes):
    with pytest.raises(ValidationError) as refused:
        TableSpec.model_validate(SOUND | changes)
    return refused.value.errors()[0]["msg"]


def test_a_sound_table_is_accepted_with_its_columns_in_order():
    assert TableSpec.model_validate(SOUND).columns == ["distance", "city"]


@pytest.mark.parametrize("leak", ["late", "start", "trip", "end"])
@pytest.mark.parametrize("kind", ["numeric", "categorical"])
def test_target_time_row_id_and_forbidden_columns_would_leak(leak, kind):
    assert f"table trips: {leak} would leak" in refusal(**{kind: ["speed", leak]})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"numeric": ["speed", "speed"]}, "table trips: declared twice: speed"),
        ({"numeric": ["city"]}, "table trips: declared twice: city"),
        ({"numeric": [], "categorical": []}, "no numeric, categorical or image columns"),
        ({"time": None}, "a time split needs the key `time`"),
        ({"split": TIME | {"test": "2020-02-01"}}, "train, validation, test and live must be dates in rising order"),
        ({"split": TIME | {"train": "2020-03-01"}}, "train, validation, test and live must be dates in rising order"),
        ({"split": TIME | {"live": "2020-04-01"}}, "train, validation, test and live must be dates in rising order"),
        ({"split": RANDOM | {"validation": 0.8}}, "together must leave rows to train on"),
        ({"split": RANDOM | {"live": 0.6}}, "together must leave rows to train on"),
        ({"numeric": ["split"]}, "split is a name that Stillroom uses itself; rename it"),
        ({"target": "prediction"}, "prediction is a name that Stillroom uses itself; rename it"),
        ({"name": "my trips"}, "should match pattern"),
    ],
)
def test_what_cannot_be_is_refused_in_words(changes, message):
    assert message in refusal(**changes)


def test_a_random_split_needs_no_time():
    assert TableSpec.model_validate(SOUND | {"split": RANDOM, "time": None}).split.live == 0


def test_the_fingerprint_is_of_the_whole_declaration():
    spec = TableSpec.model_validate(SOUND)

    assert spec.fingerprint == TableSpec.model_validate(SOUND).fingerprint
    assert spec.fingerprint != TableSpec.model_validate(SOUND | {"max_categories": 5}).fingerprint
    assert len(spec.fingerprint) == 16
