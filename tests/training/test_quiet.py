import logging
import warnings
from pathlib import Path

import pytest

from stillroom.compression.export import export
from stillroom.table.signature import Signature
from stillroom.training.fit import build_network, fit
from stillroom.training.quiet import quiet
from table.tables import inputs
from training import small


@pytest.mark.filterwarnings("error")
def test_a_fit_and_an_export_say_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    data = small.rows("binary")
    network = fit(build_network(small.model(), data.encoding, seed=7), data, small.recipe(tmp_path)).network
    columns = {"inputs": inputs(small.NUMERIC, small.CATEGORICAL)}
    export(network, data.encoding, Signature(table="small", task="binary", target="target", **columns))
    assert [record for record in caplog.records if record.levelno >= logging.INFO] == []
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == ""


def test_other_warnings_are_heard_and_loggers_come_back() -> None:
    log = logging.getLogger("pytorch_lightning.utilities.rank_zero")
    with quiet():
        assert log.disabled
        with pytest.warns(UserWarning, match="another"):
            warnings.warn("another", stacklevel=1)
    assert not log.disabled
