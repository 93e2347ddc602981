import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from stillroom.profiles import fold, from_bytes, merge, new_profile, read, rows, to_bytes, write


def one_profile(values, day=1):
    profile = new_profile(datetime(2013, 12, day, tzinfo=UTC))
    fold(profile, {"x": np.array(values)})
    return profile


def test_a_written_profile_is_read_back_by_us_and_by_whylogs(tmp_path):
    path = tmp_path / "2013-12-01" / "live.bin"
    write(one_profile([1.0, np.nan, 3.0]), path)
    view = read(path)
    assert rows(view) == 3
    assert view.dataset_timestamp == datetime(2013, 12, 1, tzinfo=UTC)
    assert view.get_column("x").to_summary_dict()["distribution/mean"] == 2.0
    assert [file.name for file in path.parent.iterdir()] == ["live.bin"]


def test_bytes_are_a_snapshot_that_later_rows_do_not_change():
    profile = one_profile([1.0])
    before = to_bytes(profile)
    fold(profile, {"x": np.array([2.0, 3.0])})
    assert (rows(from_bytes(before)), rows(profile.view())) == (1, 3)


def test_a_merge_keeps_the_earliest_day_and_leaves_its_parts_alone():
    parts = [one_profile([1.0, 2.0], day=2).view(), one_profile([3.0], day=1).view()]
    merged = merge(parts)
    assert merged.dataset_timestamp == datetime(2013, 12, 1, tzinfo=UTC)
    assert [rows(merged), rows(parts[0]), rows(parts[1])] == [3, 2, 1]


def test_nothing_to_merge_is_an_error():
    with pytest.raises(ValueError, match="no profiles to merge"):
        merge([])


@pytest.mark.parametrize("kept", [0, 3, 40, 200])
def test_a_truncated_file_is_refused_by_name(tmp_path, kept):
    path = tmp_path / "cut.bin"
    path.write_bytes(to_bytes(one_profile(np.arange(500.0)))[:kept])
    with pytest.raises(ValueError, match=r"cut\.bin: not a whole whylogs profile"):
        read(path)


def test_profiles_need_neither_pandas_nor_polars_and_send_nothing_home():
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['pandas', 'polars', 'torch', 'scipy']))\n"
        "import numpy as np; from stillroom.profiles import fold, from_bytes, new_profile, rows, to_bytes\n"
        "profile = new_profile(); fold(profile, {'x': np.array([1.5]), 's': np.array(['a'])})\n"
        "from whylogs.api import usage_stats\n"
        "print(rows(from_bytes(to_bytes(profile))), usage_stats._TELEMETRY_DISABLED)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.split() == ["1", "True"]
