"""The loop's place is kept whole, and one that is no place of a loop is refused."""

import datetime as dt
from pathlib import Path

import pytest
from click import ClickException

from stillroom.loop.canary.counts import Counts
from stillroom.loop.state import Canary, State, read, write

WINDOW = {"train": None, "validation": "2024-03-01", "test": "2024-03-15", "live": "2024-03-29"}


def test_a_round_s_place_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    counts = Counts(requests=7, failed=1, seconds={"0.005": 6, "+Inf": 1}, predictions={"0.5": 7})
    canary = Canary(since=dt.datetime(2024, 4, 1, tzinfo=dt.UTC), baseline={"http://one": {"v1": counts}})
    state = State().then("watch", champion="m:v1", challenger="m:v2", window=WINDOW, canary=canary)

    write(state, tmp_path / "folder/loop.json")

    assert read(tmp_path / "folder/loop.json") == state
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["loop.json"]


def test_an_ended_round_leaves_how_it_ended_and_what_was_attempted(tmp_path: Path) -> None:
    assert read(tmp_path / "loop.json") == State()
    trained = State().then("judge", champion="m:v1", window=WINDOW, reasons=["drift"])
    ended = trained.ended("kept", ["not better"], "m:v1")
    quiet = ended.ended("healthy", ["nothing"], "m:v1")

    assert (ended.step, ended.window, ended.reasons) == ("monitor", None, [])
    assert quiet.attempted == ended.attempted == dt.date(2024, 3, 29)
    assert [(each.result, each.reasons) for each in quiet.outcomes] == [
        ("kept", ["not better"]),
        ("healthy", ["nothing"]),
    ]


@pytest.mark.parametrize(
    ("text", "where"), [('{"step": "dance"}', "step"), ('{"steps": []}', "steps"), ('{"step": "mon', "the document")]
)
def test_what_is_no_state_of_a_loop_is_refused_with_one_sentence(text: str, where: str, tmp_path: Path) -> None:
    path = tmp_path / "loop.json"
    path.write_text(text)
    with pytest.raises(ClickException, match=rf"loop\.json does not hold the state of a loop \({where}: .*\); move it"):
        read(path)
