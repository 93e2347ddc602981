"""Prices, the record, and how it is shown."""

import re

import pytest
from pydantic import ValidationError

from stillroom.resources import CostConfig, Moved, RunResources, reckon, resources_page, resources_table
from stillroom.resources.recorder import Use

PRICES = CostConfig(cpu_hour=0.36, gpu_hour=3.6, currency="EUR")


class Seen:
    """What a recorder has seen: `train` is dear by its GPU, `score` has scored two million rows."""

    run = Use(100, 250, cpu_s=140, gpu_s=20, peak_bytes=1_500_000_000)
    nodes = {  # noqa: RUF012
        "score": Use(
            100,
            110,
            10,
            0,
            10**9,
            {"table": Moved(2_000_000, 500), "model": Moved(None, 20)},
            {"scores": Moved(2_000_000, 900)},
        ),
        "train": Use(110, 230, 100, 20, 1_500_000_000, {"query": Moved(None, None)}, {"teacher": Moved(None, 5000)}),
        **{f"small_{i}": Use(240, 241, 1 + i / 10, 0, 10**8) for i in range(5)},
    }


@pytest.fixture
def found() -> RunResources:
    return reckon(
        Seen(), PRICES, run_id="now", pipelines=["train", "score"], runner="SequentialRunner", outcome="completed"
    )


def test_an_hour_of_each_costs_its_price():
    assert PRICES.of(cpu_s=3600) == pytest.approx(0.36)
    assert PRICES.of(cpu_s=3600, gpu_s=1800) == pytest.approx(0.36 + 1.8)


@pytest.mark.parametrize("wrong", [{"cpu_hour": 0}, {"gpu_hour": -1}, {"core_hour": 1}])
def test_prices_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValidationError):
        CostConfig.model_validate(wrong)


def test_time_becomes_money_for_the_run_each_node_and_a_million_rows(found):
    score, train = found.nodes[:2]

    assert (score.cost, train.cost, found.cost) == pytest.approx((0.001, 0.03, 0.034))
    assert score.cost_per_million_rows == pytest.approx(0.0005)
    assert train.cost_per_million_rows is None
    assert (found.wall_s, score.wall_s, train.wall_s) == (150, 10, 120)


def test_rows_and_bytes_add_up_what_is_known(found):
    score, train = found.nodes[:2]

    assert (score.rows_in, score.rows_out, score.bytes_read, score.bytes_written) == (2_000_000, 2_000_000, 520, 900)
    assert (train.rows_in, train.rows_out, train.bytes_read, train.bytes_written) == (None, None, None, 5000)


def test_a_record_survives_json(found):
    assert RunResources.model_validate_json(found.model_dump_json()) == found


def test_the_table_shows_the_five_dearest_and_the_run(found):
    table = resources_table(found, "out/resources.html").splitlines()

    assert table[0] == "What the run used, the 5 dearest of 7 nodes"
    assert [line.split()[0] for line in table[2:8]] == ["train", "score", "small_4", "small_3", "small_2", "the"]
    columns = [
        "node",
        "time",
        "CPU",
        "GPU",
        "memory",
        "rows in",
        "rows out",
        "read",
        "written",
        "EUR",
        "EUR/million rows",
    ]
    assert re.split(r" {2,}", table[1].strip()) == columns
    assert "2 min 0 s" in table[2]
    assert "20.0 s" in table[2]
    assert table[3].split()[-1] == "0.00050"
    assert "2 min 30 s" in table[7]
    assert table[-1] == "All nodes   out/resources.html"


def test_a_run_without_gpus_has_no_column_for_them(found):
    without = found.model_copy(update={"gpu_s": 0.0})

    assert "GPU" not in resources_table(without, "page")


def test_the_page_shows_every_node_and_the_prices(found):
    page = resources_page(found, "flights<1>")

    assert all(f'<td title="{node.name}">' in page for node in found.nodes)
    assert "0.36 EUR" in page
    assert "3.60 EUR" in page
    assert "flights&lt;1&gt;" in page
    assert "width: 100.0%" in page


def test_a_run_that_did_nothing_is_shown(found):
    empty = found.model_copy(update={"nodes": [], "cost": 0.0})

    assert "0 nodes" in resources_page(empty, "wine")
    assert resources_table(empty, "page").startswith("What the run used\n")
