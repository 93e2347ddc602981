import pytest

from compression.pruning.tiny import declared
from stillroom.compression.pruning.settings import Stop


def stops(**changes: object) -> list[list[Stop]]:
    return declared(**changes).paths


def test_every_ratio_begins_at_the_student() -> None:
    assert stops(ratios=[0.5, 0.25]) == [[Stop(0.25)], [Stop(0.5)]]


def test_an_iterative_sweep_goes_on_from_the_ratio_before() -> None:
    assert stops(ratios=[0.5, 0.25], iterative=True) == [[Stop(0.25), Stop(0.5)]]


def test_a_ratio_is_reached_in_steps() -> None:
    between = Stop(0.25, candidate=False)
    assert stops(ratios=[0.25, 0.5], steps=2) == [[Stop(0.125, candidate=False), Stop(0.25)], [between, Stop(0.5)]]
    (path,) = stops(ratios=[0.25, 0.5], steps=2, iterative=True)
    assert path == [Stop(0.125, candidate=False), Stop(0.25), Stop(0.375, candidate=False), Stop(0.5)]


def test_without_ratios_there_is_no_path() -> None:
    assert stops(ratios=[], iterative=True) == stops() == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ratios": [0.5, 0.501]}, "two candidates pruned_50"),
        ({"members": [8, 8]}, "two candidates members_8"),
        ({"ratios": [1.0]}, "less than 1"),
        ({"layers": {"head": 1.0}}, "less than 1"),
        ({"importance": "biggest"}, "magnitude_l1"),
        ({"scope": "all"}, "global"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        declared(**changes)
