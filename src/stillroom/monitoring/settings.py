"""What the monitoring declares: windows, thresholds, and how sure to be."""

from typing import Annotated

from pydantic import Field

from stillroom.table.spec import Declared


class MonitorConfig(Declared):
    """When live data and live quality differ enough from the reference to tell someone.

    Every threshold is a floor: where the reference period's own windows differ more than that, or chance alone
    would, the column's threshold is higher (``drift.py``).
    """

    window_days: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        default=(3, 14),
        min_length=1,
        description="lengths of the windows: short for haste, long for small lasting shifts",
    )
    quality_days: int = Field(default=7, ge=1, description="length of the windows in which quality is scored")
    min_rows: int = Field(default=1000, ge=1, description="a window with fewer rows is not judged")
    consecutive: int = Field(default=2, ge=1, description="windows in a row that must alarm before it is called drift")
    psi: float = Field(default=0.1, gt=0, description="population stability index, in nats")
    missing_change: float = Field(default=0.05, gt=0, lt=1, description="change of the share of missing values")
    unseen_share: float = Field(default=0.01, gt=0, lt=1, description="share of categories the reference never had")
    out_of_range_share: float = Field(default=0.01, gt=0, lt=1, description="share outside the reference's range")
    calibration_quantile: float = Field(
        default=1.0, gt=0, le=1, description="quantile of the reference's own windows that a threshold must reach"
    )
    calibration_margin: float = Field(default=1.25, ge=1, description="how far beyond that quantile a window must be")
    false_alarm: float = Field(
        default=0.01, gt=0, lt=1, description="chance that pure sampling noise passes any column's PSI threshold"
    )
    bins: int = Field(default=10, ge=2, description="equal-mass bins of a numeric column")
    max_categories: int = Field(default=30, ge=1, description="most frequent categories with a bin of their own")
    quality_loss: float = Field(
        default=0.03, gt=0, lt=1, description="loss of the main metric, as a share of its reference value"
    )
    bootstrap: int = Field(default=200, ge=20, description="resamples behind a confidence band")
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="level of the confidence band")
    seed: int = Field(default=0, ge=0, description="seed of the resampling")
