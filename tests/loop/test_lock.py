"""One loop at a time, and none locked out by one that was killed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stillroom.loop.lock import LockedError, lock

HOLDER = """
import sys, time
from pathlib import Path
from stillroom.loop.lock import lock
with lock(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(600)
"""


def test_a_second_loop_is_told_who_is_at_work_until_that_one_is_killed(tmp_path: Path) -> None:
    state = tmp_path / "loop.json"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(state)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert "locked\n" in iter(holder.stdout.readline, "")

    told = rf"^another loop is at work \(process {holder.pid}, {state}\.lock\): let it end, or stop it$"
    with pytest.raises(LockedError, match=told), lock(state):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()

    with lock(state):
        assert not state.exists()
