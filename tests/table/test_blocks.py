import datetime as dt

import polars as pl
import pytest

from stillroom.table.blocks import beside, each_block, in_blocks, without_before

ROWS = pl.DataFrame({"when": pl.datetime_range(dt.datetime(2024, 1, 1, 9), dt.datetime(2024, 1, 25, 9), eager=True)})
DAY = pl.col("when").dt.date()


def test_blocks_hold_every_row_once_beside_the_days_before() -> None:
    blocks = in_blocks(ROWS.lazy(), DAY, days=10, before=3)
    assert list(blocks) == ["2024-01-01", "2024-01-11", "2024-01-21"]
    assert [block.collect().height for block in blocks.values()] == [10, 13, 8]
    kept = [block.collect() for block in without_before(blocks, "when").values()]
    assert pl.concat(kept).equals(ROWS)


@pytest.mark.parametrize("table", [ROWS.lazy(), ROWS.clear().lazy()])
def test_a_table_of_one_block_stays_whole(table: pl.LazyFrame) -> None:
    assert in_blocks(table, DAY, days=25, before=3) is table
    assert without_before(table, "when") is table


def test_a_function_is_called_once_a_block_with_what_comes_whole() -> None:
    joined = each_block(lambda rows, extra, other: f"{rows}{extra}{other}")
    assert joined({"a": 1, "b": 2}, "x", {"a": 3, "b": 4}) == {"a": "1x3", "b": "2x4"}
    assert joined(1, "x", 2) == "1x2"


def test_blocks_of_a_table_in_any_order_hold_the_same_rows() -> None:
    shuffled = in_blocks(ROWS.sample(fraction=1, shuffle=True, seed=1).lazy(), DAY, days=10, before=3)
    for name, block in in_blocks(ROWS.lazy(), DAY, days=10, before=3).items():
        assert shuffled[name].collect().sort("when").equals(block.collect())


def test_another_table_comes_in_the_blocks_of_the_first_with_room_at_both_ends() -> None:
    blocks = in_blocks(ROWS.lazy(), DAY, days=10, before=3)
    others = {start: rows.collect()["when"].dt.day() for start, rows in beside(ROWS.lazy(), blocks, "when", 2).items()}
    assert {start: (days.min(), days.max()) for start, days in others.items()} == {
        "2024-01-01": (1, 12), "2024-01-11": (9, 22), "2024-01-21": (19, 25),
    }  # fmt: skip


def test_another_table_stays_whole_beside_one_that_does() -> None:
    other = ROWS.lazy()
    assert beside(other, ROWS.lazy(), "when", 2) is other
