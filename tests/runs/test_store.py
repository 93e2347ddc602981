"""The folder of all runs: found by the beginning of an id, artefacts of the newest alone."""

import pytest

from runs.runs import run
from stillroom.runs import RunStore
from stillroom.runs.store import link
from stillroom.table.errors import InputError

IDS = ["2026-11-26T17.00.00.000Z", "2026-11-26T18.00.00.000Z", "2026-11-27T09.00.00.000Z"]


@pytest.fixture
def store(tmp_path):
    made = RunStore(tmp_path / "runs")
    for run_id in IDS:
        made.save(run(run_id))
    return made


@pytest.mark.parametrize(
    ("name", "found"), [("latest", IDS[2]), ("latest~2", IDS[0]), ("2026-11-26T18", IDS[1]), (IDS[0], IDS[0])]
)
def test_a_run_is_found_by_the_beginning_of_its_id_or_by_its_age(store, name, found):
    assert store.find(name).run_id == found


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("2026-11-26", "2 runs begin so"), ("2025", "there are 3 runs"), ("latest~3", "there are 3 runs")],
)
def test_a_name_that_is_not_one_run_s_is_refused(store, name, sentence):
    with pytest.raises(InputError, match=sentence):
        store.find(name)


def test_a_record_is_replaced_when_the_run_ends(store):
    store.save(run(IDS[2], outcome="failed"))

    assert [each.outcome for each in store.all()] == ["failed", "completed", "completed"]


def test_a_file_that_is_no_record_is_named(store, tmp_path):
    file = tmp_path / "runs/2027/run.json"
    file.parent.mkdir()
    file.write_text("{}")

    with pytest.raises(InputError, match=r"2027/run\.json is no record of a run \(run_id: Field required\)"):
        store.all()


def test_an_artefact_stays_as_it_was_when_the_next_run_writes_its_file_anew(store, tmp_path):
    model = tmp_path / "model.onnx"
    model.write_text("first")
    kept = store.keep(IDS[0], "model", model)

    new = tmp_path / ".model.tmp"
    new.write_text("second")
    new.replace(model)

    with open(kept) as file:
        assert file.read() == "first"


def test_only_the_newest_runs_keep_their_artefacts(store, tmp_path):
    report = tmp_path / "report.html"
    report.write_text("a report")
    kept = [store.keep(run_id, "report", report) for run_id in IDS]

    store.forget_artefacts(but=2)

    assert [tmp_path.joinpath(path).exists() for path in kept] == [False, True, True]
    assert len(store.all()) == 3


def test_a_folder_is_kept_file_by_file(tmp_path):
    (tmp_path / "float").mkdir()
    (tmp_path / "float/student.onnx").write_text("onnx")

    link(tmp_path / "float", tmp_path / "kept")

    assert (tmp_path / "kept/student.onnx").samefile(tmp_path / "float/student.onnx")
