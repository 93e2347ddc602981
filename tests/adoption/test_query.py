"""One table from several files."""

from pathlib import Path

import polars as pl
import pytest

from stillroom.adoption import MISSING, Reading, run_query
from stillroom.table.errors import InputError


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/orders.csv").write_text(
        "customer;price;ordered\n1;1,5;2024-03-01\n2;?;2023-01-01\n1;4,0;2024-01-02\n"
    )
    pl.DataFrame({"customer": [1, 2], "country": ["de", "fr"]}).write_parquet(tmp_path / "customers.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "query",
    [
        "select price, country from 'raw/orders.csv' join 'customers.parquet' using (customer) order by ordered",
        "SELECT o.price, c.country FROM 'raw/orders.csv' AS o LEFT JOIN 'customers.parquet' c "
        "ON o.customer = c.customer ORDER BY o.ordered",
        "select orders.price, customers.country from 'raw/orders.csv' join 'customers.parquet' "
        "on orders.customer = customers.customer order by ordered",
    ],
)
def test_files_are_joined_with_their_text_read(shop: Path, query: str) -> None:
    source = run_query(query, shop, Reading(), MISSING)
    assert source.frame.collect().rows() == [(None, "fr"), (4.0, "de"), (1.5, "de")]
    assert source.told == query


def test_dates_can_be_taken_apart(shop: Path) -> None:
    query = "select extract(month from ordered) as month from 'raw/orders.csv'"
    assert run_query(query, shop, Reading(), MISSING).frame.collect()["month"].to_list() == [3, 1, 1]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("select 1", "the query names no file"),
        ("select nothing from 'raw/orders.csv'", "the query cannot be run: .*nothing"),
        ("select * from 'nowhere.csv'", r"nowhere\.csv is not there"),
        ("select * from 'raw/orders.csv' join 'orders.csv' using (customer)", "both called orders"),
    ],
)
def test_what_cannot_be_asked_is_said(shop: Path, query: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        run_query(query, shop, Reading(), MISSING)
