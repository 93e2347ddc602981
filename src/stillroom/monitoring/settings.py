"""What the monitoring declares: windows, thresholds, and how sure to be."""

from typing import Annotated

from pydantic import Field, SecretStr

from stillroom.table.spec import Declared


class DomainConfig(Declared):
    """The domain classifier: on how many rows of each side, and how sure its band is."""

    enabled: bool = True
    rows: int = Field(default=5000, ge=100, description="rows drawn of each side")
    folds: int = Field(default=5, ge=2)
    bootstrap: int = Field(default=200, ge=20)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    seed: int = Field(default=0, ge=0)


class MonitorConfig(Declared):
    """When live data and live quality differ enough from the reference to tell someone.

    Every threshold of drift is a floor: where the reference period's own windows differ more than that, or chance
    alone would, the column's threshold is higher (``calibration.py``).
    """

    window_days: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        default=(7,),
        min_length=1,
        description="lengths of the windows: a week holds every weekday once; shorter is hastier, longer finds less",
    )
    quality_days: int = Field(default=7, ge=1, description="length of the windows in which quality is scored")
    min_rows: int = Field(default=1000, ge=1, description="a window with fewer rows is not judged")
    consecutive: int = Field(default=2, ge=1, description="windows in a row that must alarm before it is called drift")
    psi: float = Field(default=0.1, gt=0, description="population stability index of numbers, in nats")
    js: float = Field(default=0.1, gt=0, lt=1, description="Jensen-Shannon distance of numbers")
    category_psi: float = Field(default=0.03, gt=0, description="population stability index of categories, in nats")
    category_js: float = Field(default=0.03, gt=0, lt=1, description="Jensen-Shannon distance of categories")
    wasserstein: float = Field(default=0.1, gt=0, description="Wasserstein distance, in standard deviations")
    missing_change: float = Field(default=0.02, gt=0, lt=1, description="change of the share of missing values")
    unseen_share: float = Field(default=0.01, gt=0, lt=1, description="share of categories the reference never had")
    out_of_range_share: float = Field(default=0.03, gt=0, lt=1, description="share outside the reference's range")
    range_room: float = Field(
        default=0.2, ge=0, description="beyond the range by more than this share of its width is outside"
    )
    calibration_quantile: float = Field(
        default=1.0, gt=0, le=1, description="quality: quantile of the reference's own windows that a limit must reach"
    )
    calibration_margin: float = Field(default=1.25, ge=1, description="quality: how far beyond that quantile")
    false_alarm: float = Field(
        default=0.05, gt=0, lt=1, description="share of windows in which any column may alarm although nothing changed"
    )
    drift_margin: float = Field(
        default=1.4,
        ge=1,
        description="how far beyond the calibrated threshold: a few dozen weeks say little of the rarest",
    )
    importance_rows: int = Field(
        default=5000, ge=100, description="held-out rows on which is measured what each column means to the model"
    )
    domain: DomainConfig = Field(default=DomainConfig(), description="the classifier of live against reference rows")
    bins: int = Field(default=10, ge=2, description="equal-mass bins of a numeric column")
    max_categories: int = Field(default=30, ge=1, description="most frequent categories with a bin of their own")
    quality_loss: float = Field(
        default=0.03, gt=0, lt=1, description="loss of the main metric, as a share of its reference value"
    )
    slices: tuple[str, ...] | None = Field(
        default=None, description="columns whose categories quality is told by; every categorical one where null"
    )
    slice_rows: int = Field(default=300, ge=20, description="a slice with fewer labelled rows is not judged")
    ids_key: SecretStr = Field(
        default=SecretStr(""),
        exclude=True,
        description="the service's `profile_ids_key`, by which it hashes identifiers",
    )
    bootstrap: int = Field(default=200, ge=20, description="resamples behind a confidence band")
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="level of the confidence band")
    seed: int = Field(default=0, ge=0, description="seed of the resampling")
