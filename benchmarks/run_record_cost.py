"""What the record of a run costs: the hook's two calls around a whole run of a table, on what the last run left.

Usage: python benchmarks/run_record_cost.py [--table flights] [--rounds 5]

Nothing is run: the hook finds out code and data as before the first node, then keeps figures and artefacts of all
outputs that are there as after the last.
"""

import argparse
import logging
import statistics
import time
from pathlib import Path

from kedro.framework.project import pipelines
from kedro.framework.session import KedroServiceSession
from kedro.framework.startup import bootstrap_project
from kedro.io.core import generate_timestamp

from stillroom.fingerprints import files
from stillroom.run_hook import RunHook

PROJECT = Path(__file__).parents[1]


def seconds(params: dict[str, str]) -> tuple[float, float]:
    """Of the hook before the first node, and after the last; files are read as a new process reads them."""
    files._fingerprint.cache_clear()
    with KedroServiceSession.create(project_path=PROJECT) as session:
        context = session.load_context(params)
        catalog, pipeline = context.catalog, pipelines["__default__"]
        hook = RunHook()
        hook.after_context_created(context)
        run = {"run_id": generate_timestamp(), "pipeline_names": None, "env": None, "runtime_params": params}
        began = time.perf_counter()
        hook.before_pipeline_run(run, pipeline, catalog)
        between = time.perf_counter()
        hook.after_pipeline_run(pipeline, catalog)
        return between - began, time.perf_counter() - between


def main() -> None:
    """Print the medians in milliseconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", default="flights")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    bootstrap_project(PROJECT)
    logging.getLogger("kedro").setLevel(logging.ERROR)
    before, after = zip(*(seconds({"table": args.table}) for _ in range(args.rounds)), strict=True)
    print(f"before the first node {1000 * statistics.median(before):.0f} ms")
    print(f"after the last node   {1000 * statistics.median(after):.0f} ms")


if __name__ == "__main__":
    main()
