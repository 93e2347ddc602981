"""Nodes of the prepare pipeline that every table goes through."""

from typing import Any

import narwhals as nw
from narwhals.typing import IntoLazyFrameT

from stillroom.table.blocks import each_block
from stillroom.table.encoding import Encoding, fit_encoding
from stillroom.table.quality import check_table, quality_report
from stillroom.table.settings import EncodingConfig
from stillroom.table.spec import TableSpec
from stillroom.table.split import part, with_split


def split_table(source: Any, table: TableSpec) -> Any:
    """Check the table against its spec, keep the columns it declares, and say which part each row belongs to.

    Rows go by time and identifier, where there are any: a join leaves them in another order every time, and with it
    no two trainings would be the same. A source in blocks of time stays in blocks.
    """
    return each_block(_split)(source, table)


def _split(source: IntoLazyFrameT, table: TableSpec) -> IntoLazyFrameT:
    check_table(source, table)
    order = [c for c in (table.time, table.row_id) if c]
    kept = dict.fromkeys([*table.columns, table.target, *order, *([table.group] if table.group else [])])
    chosen = nw.from_native(with_split(nw.from_native(source).select(*kept).to_native(), table))
    return (chosen.sort(order) if order else chosen).to_native()


def describe_table(training_table: Any, table: TableSpec) -> dict[str, Any]:
    """Report the quality of the table, and which columns are redundant."""
    return quality_report(training_table, table)


def encode_table(training_table: Any, quality: dict[str, Any], table: TableSpec, encoding: EncodingConfig) -> Encoding:
    """Fit the encoding statistics of the kept columns on the training split."""
    return fit_encoding(part(training_table, "train"), table, quality["kept"], encoding.bins)
