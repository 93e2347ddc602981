"""Nodes are run where something that goes into them is new, and never else."""

import importlib
import json
import sys
from pathlib import Path

import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline

from stillroom.datasets.text import JsonDataset
from stillroom.fingerprints import code
from stillroom.node_cache import CachingRunner

NODES = """
from shop_nodes.rates import rate

def double(rows, factor):
    return [row * factor * rate for row in rows]

def show(rows):
    return rows

def total(rows):
    return sum(rows)
"""
ALL = ["double", "show", "total"]


class Shop:
    """A pipeline of three nodes, of which the second keeps what it makes in memory, in a package of its own."""

    def __init__(self, folder):
        self.folder = folder
        for name, text in {"__init__": "", "nodes": NODES, "rates": "rate = 1\n"}.items():
            self.write(name, text)
        (folder / "raw.json").write_text("[1, 2]")

    def write(self, module, text):
        path = self.folder / f"shop_nodes/{module}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def run(self, factor=2, wanted=("total",), function=None):
        """The nodes that a new process would run, and what comes of them."""
        for forget in (code._read.cache_clear, code._beside.cache_clear, importlib.invalidate_caches):
            forget()
        for module in [name for name in sys.modules if name.startswith("shop_nodes")]:
            del sys.modules[module]
        nodes = importlib.import_module("shop_nodes.nodes")
        pipeline = Pipeline(
            [
                Node(function or nodes.double, ["raw", "params:factor"], "doubled", name="double"),
                Node(nodes.show, "doubled", "shown", name="show"),
                Node(nodes.total, "shown", "total", name="total"),
            ]
        )
        files = {name: JsonDataset(filepath=str(self.folder / f"{name}.json")) for name in ("raw", "doubled", "total")}
        catalog = DataCatalog(files | {"params:factor": MemoryDataset(factor), "shown": MemoryDataset()})
        runner = CachingRunner(self.folder / "cache", wanted)
        runner.run(pipeline, catalog)
        return sorted(runner.ran), catalog.load("total") if "total" in wanted else None


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    return Shop(tmp_path)


def test_nothing_runs_twice_and_the_catalog_s_own_files_are_left_alone(shop):
    assert shop.run() == (ALL, 6)
    assert shop.run() == ([], 6)
    assert not (shop.folder / "total.json").exists()


def test_a_changed_parameter_runs_what_reads_it_and_what_follows_and_the_former_value_is_still_there(shop):
    shop.run(factor=2)

    assert shop.run(factor=3) == (ALL, 9)
    assert shop.run(factor=2) == ([], 6)


def test_a_changed_raw_file_runs_what_reads_it(shop):
    shop.run()
    (shop.folder / "raw.json").write_text("[1, 3]")

    assert shop.run() == (ALL, 8)


def test_changed_code_runs_its_nodes_also_where_it_lies_in_a_module_that_they_import(shop):
    shop.run()
    shop.write("rates", "rate = 10 \n")

    assert shop.run() == (ALL, 60)


def test_what_is_kept_in_memory_is_made_again_for_a_node_that_needs_it(shop):
    shop.run(wanted=["doubled"])

    assert shop.run() == (["show", "total"], 6)


def test_a_function_without_a_name_runs_every_time_and_so_does_what_follows(shop):
    def closure(rows, factor):
        return [row * factor for row in rows]

    assert [shop.run(function=closure) for _ in range(2)] == [(ALL, 6), (ALL, 6)]


def test_what_a_killed_node_left_unfinished_is_not_taken(shop):
    shop.run()
    (kept,) = shop.folder.glob("cache/*/total.json")
    kept.rename(kept.with_name(".total.json.1.tmp"))

    assert shop.run() == (["show", "total"], 6)


def test_a_file_that_a_parameter_names_counts_by_its_content(shop):
    rates = shop.folder / "rates.json"
    found = []
    for content in ("2", "2", "5"):
        rates.write_text(content)
        found.append(shop.run(factor=str(rates), function=scale))

    assert found == [(ALL, 6), ([], 6), (ALL, 15)]


def scale(rows, file):
    """Of this module, since its name must say which function it is."""
    return [row * json.loads(Path(file).read_text()) for row in rows]
