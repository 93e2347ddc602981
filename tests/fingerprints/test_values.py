"""The fingerprint of values: of plain data and models, of nothing else."""

import datetime as dt

import pytest

from stillroom.fingerprints import UnknownError, digest, value_fingerprint
from stillroom.training.settings import Target


def test_equal_values_are_the_same_and_others_are_not():
    values = [{"a": [1, 2.5, None]}, {"a": [1, 2.5, 0]}, dt.date(2013, 1, 1), "a", float("nan"), float("inf")]

    found = [value_fingerprint(value) for value in values]

    assert found == [value_fingerprint(value) for value in values]
    assert len(set(found)) == len(values)


def test_a_target_s_own_arguments_count():
    slow, fast = (Target.model_validate({"_target_": "torch.optim.SGD", "lr": lr}) for lr in (0.1, 0.2))

    assert value_fingerprint(slow) != value_fingerprint(fast)


def test_of_other_objects_nothing_is_known():
    with pytest.raises(UnknownError, match="a dict has no fingerprint"):
        value_fingerprint({"a": object()})


def test_parts_do_not_run_into_one_another():
    assert digest("ab", "c") != digest("a", "bc")
