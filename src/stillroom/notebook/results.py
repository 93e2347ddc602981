"""What a run made, by name, and shown at a glance."""

from collections.abc import Iterator, Mapping
from typing import Any

FIGURES = ("pareto_figure", "learning_figure", "drift_figure")


class Results(Mapping[str, Any]):
    """The data that a run's nodes made, by the catalog's names; the last line of a cell shows what there is to see."""

    def __init__(self, made: Mapping[str, Any]) -> None:
        self._made = dict(made)

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            raise KeyError(f"{name}: the run made no such data; it made {', '.join(self._made) or 'none'}")
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def __repr__(self) -> str:
        return f"Results({', '.join(self._made)})"

    @property
    def candidates(self) -> Any:
        """The measured candidates as a table with bars. Raises KeyError where the run measured none."""
        from IPython.display import HTML

        from stillroom.compression.report import candidate_bars

        return HTML(candidate_bars(self["measurements"], self["choice"]))

    def _ipython_display_(self) -> None:
        """The candidates, the pictures, and the names of all that was made."""
        from IPython.display import display

        if {"measurements", "choice"} <= self._made.keys():
            display(self.candidates)
        for name in FIGURES:
            if name in self._made:
                display(self._made[name])
        display({"text/plain": repr(self)}, raw=True)
