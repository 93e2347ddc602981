import pytest

from compression.candidates import CANDIDATES
from stillroom.compression.budget import BudgetConfig
from stillroom.compression.choose import BudgetError
from stillroom.compression.measure import Measurements
from stillroom.pipelines.release.nodes import choose_candidate
from stillroom.table.errors import InputError
from training import small

MEASURED, TABLE = Measurements(candidates=CANDIDATES), small.spec("binary")


def test_where_nothing_fits_the_error_carries_the_table_of_all_candidates() -> None:
    with pytest.raises(BudgetError, match="the nearest miss is int8") as refused:
        choose_candidate(MEASURED, TABLE, BudgetConfig(max_size_kb=10))
    (table,) = refused.value.__notes__
    assert [line.split()[0] for line in table.splitlines()[2:]] == ["teacher", "student", "pruned", "int8"]
    assert all(line.endswith("over max_size_kb") for line in table.splitlines()[2:])


def test_measurements_of_another_batch_size_decide_nothing() -> None:
    with pytest.raises(InputError, match="batch_size is 64, but the candidates were timed with 1000 rows: run again"):
        choose_candidate(MEASURED, TABLE, BudgetConfig(batch_size=64))
