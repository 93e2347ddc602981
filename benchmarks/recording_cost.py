"""What recording the resources of a run costs: nodes that do almost nothing, with and without the hook.

Usage: python benchmarks/recording_cost.py [--nodes 200] [--rounds 5]

Each node loads a small JSON file and saves another, through Kedro's SequentialRunner; both ways take turns in one
process. Then the recorder alone, for ten seconds in which nothing happens: the CPU time of its thread.
"""

import argparse
import contextlib
import io
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner

from stillroom.datasets.model import ModelDataset
from stillroom.datasets.text import HtmlDataset, JsonDataset
from stillroom.resource_hook import ResourceHook
from stillroom.resources import CostConfig, Recorder

IDLE_S = 10
RUN: dict[str, Any] = {"run_id": "benchmark", "pipeline_names": None, "runner": "SequentialRunner"}


def same(data: Any) -> Any:
    """What a node does here."""
    return data


def seconds(nodes: int, folder: Path, hooked: bool) -> float:
    """How long a run takes, from before its first node to after its record is kept."""
    pipeline = Pipeline([Node(same, f"d{i}", f"d{i + 1}", name=f"n{i}") for i in range(nodes)])
    catalog = DataCatalog({f"d{i}": JsonDataset(filepath=str(folder / f"{i}.json")) for i in range(nodes + 1)})
    catalog["d0"].save([1, 2, 3])
    catalog["params:cost"], catalog["params:table.name"] = MemoryDataset(CostConfig()), MemoryDataset("benchmark")
    catalog["resources"] = ModelDataset(model="stillroom.resources.RunResources", filepath=str(folder / "r.json"))
    catalog["resources_page"] = HtmlDataset(filepath=str(folder / "r.html"))
    manager = _create_hook_manager()
    if hooked:
        manager.register(ResourceHook())
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        manager.hook.before_pipeline_run(run_params=RUN, pipeline=pipeline, catalog=catalog)
        SequentialRunner().run(pipeline, catalog, manager)
        manager.hook.after_pipeline_run(run_params=RUN, run_result={}, pipeline=pipeline, catalog=catalog)
    return time.perf_counter() - began


def idle() -> float:
    """CPU seconds of a recorder in a second in which nothing happens."""
    recorder = Recorder()
    before = time.process_time()
    time.sleep(IDLE_S)
    spent = time.process_time() - before
    recorder.close()
    return spent / IDLE_S


def main() -> None:
    """Print both, their ratio, and what it comes to for a node."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    took: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(asked.rounds):
        for hooked, times in took.items():
            with tempfile.TemporaryDirectory() as folder:
                times.append(seconds(asked.nodes, Path(folder), hooked))
    without, recorded = (statistics.median(times) * 1000 / asked.nodes for times in took.values())
    print(f"a node that copies a small file   {without:.2f} ms")
    print(f"the same, recorded                {recorded:.2f} ms, {recorded / without:.2f} times")
    print(f"recording a node                  {recorded - without:.2f} ms")
    print(f"the recorder's thread             {idle():.2%} of a core")


if __name__ == "__main__":
    import logging

    logging.disable(logging.INFO)
    main()
