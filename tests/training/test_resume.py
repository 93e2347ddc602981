"""A fit that was killed goes on from its last checkpoint, or starts anew, as declared."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stillroom.training.fit import Fitted, build_network, fit
from training import small

SLOW_FIT = """
import sys, time
from pathlib import Path
from pytorch_lightning import Callback
from stillroom.training import fit as fitting
from training import small

class Slow(Callback):
    def on_train_epoch_end(self, trainer, _):
        (Path(sys.argv[1]) / "epoch").write_text(str(trainer.current_epoch))
        time.sleep(0.2)

fitting.progress = lambda config: [Slow()]
data = small.rows("binary")
network = fitting.build_network(small.model(), data.encoding, seed=7)
fitting.fit(network, data, small.recipe(Path(sys.argv[1]), max_epochs=40, patience=40, lr=1e-5))
"""


def fit_anew(folder: Path, **trainer) -> Fitted:
    data = small.rows("binary")
    network = build_network(small.model(), data.encoding, seed=7)
    return fit(network, data, small.recipe(folder, max_epochs=40, patience=40, lr=1e-5, **trainer))


@pytest.fixture
def interrupted(tmp_path: Path) -> tuple[Path, int]:
    """The checkpoint folder of a fit that was killed, and the last epoch that it is known to have ended."""
    here = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{here / 'src'}{os.pathsep}{here / 'tests'}"}
    process = subprocess.Popen([sys.executable, "-c", SLOW_FIT, str(tmp_path)], env=environment)
    deadline = time.monotonic() + 120
    reached = tmp_path / "epoch"
    while not (reached.exists() and reached.read_text().isdigit() and int(reached.read_text()) >= 3):
        assert process.poll() is None, "the fit ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    ended = int(reached.read_text())
    reached.unlink()
    return tmp_path, ended


@pytest.mark.slow
def test_an_interrupted_fit_goes_on_from_its_last_checkpoint(
    interrupted: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, ended = interrupted
    begun: list[int] = []
    note_first_epochs(monkeypatch, begun)

    resumed = fit_anew(folder, resume=True)

    assert begun[0] >= ended, "the epochs before the kill are not trained again"
    assert [epoch["epoch"] for epoch in resumed.history] == list(range(40))
    assert list(folder.iterdir()) == []


@pytest.mark.slow
def test_an_interrupted_fit_starts_anew_where_resuming_is_not_asked_for(
    interrupted: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = interrupted
    begun: list[int] = []
    note_first_epochs(monkeypatch, begun)
    anew = fit_anew(folder)
    assert begun == list(range(40))
    assert json.dumps(anew.history) == json.dumps(fit_anew(folder).history)


@pytest.mark.slow
def test_a_checkpoint_that_was_cut_short_is_not_taken_for_whole(
    interrupted: tuple[Path, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, _ = interrupted
    (last,) = folder.glob("*/last.ckpt")
    last.write_bytes(last.read_bytes()[:1000])
    begun: list[int] = []
    note_first_epochs(monkeypatch, begun)
    assert len(fit_anew(folder, resume=True).history) == 40
    assert begun[0] == 0


def test_another_declaration_does_not_resume_from_this_ones_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.rmtree", lambda *args, **kwargs: None)
    folders = set()
    for change in ({}, {"batch_size": 32}, {"soft_weight": 0.0, "lr": 0.02}):
        data = small.rows("binary")
        network = build_network(small.model(), data.encoding, seed=7)
        fit(network, data, small.recipe(tmp_path, max_epochs=1, **change))
        folders |= set(tmp_path.iterdir())
    other_columns = small.encoding("binary", numeric=["height", "year"])
    data = type(data)(data.train, data.validation, other_columns)
    fit(build_network(small.model(), other_columns, seed=7), data, small.recipe(tmp_path, max_epochs=1))
    folders |= set(tmp_path.iterdir())
    assert len(folders) == 4


def note_first_epochs(monkeypatch: pytest.MonkeyPatch, begun: list[int]) -> None:
    """Keep the number of every epoch that a fit in this process begins."""
    from stillroom.training.module import TableModule

    monkeypatch.setattr(
        TableModule, "on_train_epoch_start", lambda module: begun.append(module.trainer.current_epoch), raising=False
    )
