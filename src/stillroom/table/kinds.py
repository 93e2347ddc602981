"""The kinds of column there are."""

from stillroom.table.categorical import CategoricalColumn
from stillroom.table.column import Column
from stillroom.table.image import ImageColumn
from stillroom.table.numeric import NumericColumn

KINDS: dict[str, type[Column]] = {kind.KIND: kind for kind in (NumericColumn, CategoricalColumn, ImageColumn)}
