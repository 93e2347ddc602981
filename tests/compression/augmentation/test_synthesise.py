"""Synthetic rows: of the table's types and vocabulary, and as dependent on each other as the real ones."""

import numpy as np
import polars as pl
import pytest

from stillroom.compression.augmentation.settings import AugmentConfig
from stillroom.compression.augmentation.synthesise import synthesise
from stillroom.table.encoding import Encoding, encode, fit_encoding
from stillroom.table.errors import InputError
from stillroom.table.spec import TableSpec

DECLARED = {
    "name": "dependent",
    "source": "dependent",
    "task": "binary",
    "target": "target",
    "split": {"kind": "random", "seed": 1, "validation": 0.2, "test": 0.2},
    "numeric": ["width", "height", "floor"],
    "categorical": ["colour", "shade"],
}
CONFIG = AugmentConfig(factor=2, rounds=2, epochs=40, width=16)
COLOURS = ["red", "green", "blue"]


def table(rows: int, seed: int) -> pl.DataFrame:
    """Height follows width, shade follows colour, width the colour; a height in ten and a shade in ten is missing."""
    draw = np.random.default_rng(seed)
    colour = draw.integers(0, 3, rows)
    width = colour + 0.3 * draw.normal(size=rows)
    height = np.where(draw.random(rows) < 0.1, np.nan, 10 * width + draw.normal(size=rows))
    shade = np.where(draw.random(rows) < 0.9, colour, draw.integers(0, 3, rows))
    return pl.DataFrame(
        {
            "width": width,
            "height": height,
            "floor": draw.integers(1, 4, rows),
            "colour": [COLOURS[c] for c in colour],
            "shade": [f"dark {COLOURS[s]}" if draw.random() > 0.1 else None for s in shade],
            "target": (width > 1).astype(int),
        }
    )


@pytest.fixture(scope="module")
def real() -> pl.DataFrame:
    return table(600, seed=0)


@pytest.fixture(scope="module")
def encoding(real: pl.DataFrame) -> Encoding:
    spec = TableSpec.model_validate(DECLARED)
    return fit_encoding(real.lazy(), spec, spec.columns, bins=4)


def drawn(real: pl.DataFrame, encoding: Encoding, config: AugmentConfig, seed: int = 0) -> pl.DataFrame:
    train, validation = (encode(rows.lazy(), encoding) for rows in (real, table(200, seed=1)))
    return synthesise(train, validation, encoding, config, seed)


@pytest.fixture(scope="module")
def synthetic(real: pl.DataFrame, encoding: Encoding) -> pl.DataFrame:
    return drawn(real, encoding, CONFIG)


def test_columns_depend_on_each_other_as_in_the_real_rows(real: pl.DataFrame, synthetic: pl.DataFrame) -> None:
    def correlation(rows: pl.DataFrame) -> float:
        known = rows.filter(pl.col("height").is_finite())
        return float(np.corrcoef(known["width"], known["height"])[0, 1])

    def agreement(rows: pl.DataFrame) -> float:
        known = rows.filter(pl.col("shade").is_not_null())
        return (known["shade"].str.strip_prefix("dark ") == known["colour"]).mean()

    def spread(rows: pl.DataFrame) -> float:
        means = rows.group_by("colour").agg(pl.col("width").mean())["width"]
        return means.max() - means.min()

    shuffled = real.select(pl.col(name).shuffle(seed=i) for i, name in enumerate(real.columns))
    for dependence, nearness in ((correlation, 0.1), (agreement, 0.1), (spread, 0.4)):
        assert dependence(synthetic) == pytest.approx(dependence(real), abs=nearness)
        assert dependence(shuffled) < 0.5 * dependence(synthetic)


def test_each_column_is_distributed_as_it_was(real: pl.DataFrame, synthetic: pl.DataFrame) -> None:
    for column in ("width", "height"):
        found, wanted = (rows[column].drop_nans() for rows in (synthetic, real))
        assert found.mean() == pytest.approx(wanted.mean(), abs=0.2 * wanted.std())
        assert found.std() == pytest.approx(wanted.std(), rel=0.2)
    shares = [(rows["colour"] == "red").mean() for rows in (synthetic, real)]
    assert shares[0] == pytest.approx(shares[1], abs=0.08)


def test_values_are_of_the_real_rows_types_and_vocabulary(real: pl.DataFrame, synthetic: pl.DataFrame) -> None:
    assert synthetic.columns == ["width", "height", "floor", "colour", "shade", "target"]
    assert synthetic.height == 1200
    assert set(synthetic["floor"]) == {1.0, 2.0, 3.0}
    assert set(synthetic["width"]) <= set(real["width"].cast(pl.Float32))
    assert set(synthetic["colour"]) == set(COLOURS)
    assert synthetic["target"].null_count() == 1200


def test_what_is_missing_is_as_often_missing_and_nothing_else_is(real: pl.DataFrame, synthetic: pl.DataFrame) -> None:
    assert synthetic["width"].is_finite().all()
    assert synthetic["floor"].is_finite().all()
    assert synthetic["colour"].null_count() == 0
    assert synthetic["height"].is_nan().sum() == 2 * real["height"].is_nan().sum()
    assert synthetic["shade"].null_count() == 2 * real["shade"].null_count()


def test_rows_are_new_and_decided_by_the_seed(real: pl.DataFrame, encoding: Encoding, synthetic: pl.DataFrame) -> None:
    known = set(real.select("width", "floor", "colour").cast({"width": pl.Float32}).iter_rows())
    new = [row not in known for row in synthetic.select("width", "floor", "colour").iter_rows()]
    assert np.mean(new) > 0.5
    few = CONFIG.model_copy(update={"epochs": 2, "factor": 0.1})
    assert drawn(real, encoding, few).equals(drawn(real, encoding, few))
    assert not drawn(real, encoding, few).equals(drawn(real, encoding, few, seed=1))


def test_a_table_of_one_column_is_drawn_by_itself() -> None:
    spec = TableSpec.model_validate({**DECLARED, "numeric": ["width"], "categorical": []})
    real = table(100, seed=0)
    encoding = fit_encoding(real.lazy(), spec, spec.columns, bins=4)
    rows = drawn(real, encoding, AugmentConfig(factor=1, epochs=2, max_rows=40))
    assert rows.columns == ["width", "target"]
    assert rows.height == 40


def test_a_table_with_pictures_is_refused(real: pl.DataFrame, encoding: Encoding) -> None:
    photo = {"name": "photo", "height": 2, "width": 2, "channels": 1, "mean": [0.5], "deviation": [0.5]}
    with_picture = Encoding.model_validate({**encoding.model_dump(), "image": [photo]})
    encoded = encode(real.lazy(), encoding)
    with pytest.raises(InputError, match=r"cannot have values of photo, .*set compress.augment to null"):
        synthesise(encoded, encoded, with_picture, CONFIG, seed=0)
