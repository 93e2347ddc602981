"""How training scales: two ranks on two cores against one rank on one core, the batch of each rank the same.

Usage: python benchmarks/two_ranks.py [--model tabm] [--epochs 1] [--rows 60000] [--strategies ddp fsdp]

Needs `kedro run --pipelines prepare`. What one more epoch takes is counted, validation included, so that the start of
processes is not; it is printed for itself. Efficiency is the rows/s of two ranks over twice those of one. For
comparison: two single ranks at once, which share the machine but exchange nothing.
"""

import argparse
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from fits import count, declared, prepared, recipe, seconds_an_epoch
from stillroom.training.launch import Ranks, launch


def one_rank(model: str, epochs: int, most: int, core: int) -> float:
    """Seconds an epoch of one rank on one core."""
    os.sched_setaffinity(0, {core})
    parameters = declared({"table": "flights", "model": model, "trainer": "cpu", "trainer.threads": 1})
    rows = prepared("flights", most=most)
    with tempfile.TemporaryDirectory() as folder:
        return seconds_an_epoch(parameters, rows, recipe(parameters, folder), epochs)


def two_ranks(model: str, epochs: int, most: int, strategy: str) -> float:
    """Seconds an epoch of two ranks on two cores."""
    parameters = declared({"table": "flights", "model": model, "trainer": "ddp_cpu", "trainer.strategy": strategy})
    with tempfile.TemporaryDirectory() as folder:
        return seconds_an_epoch(parameters, prepared("flights", most=most), recipe(parameters, folder), epochs)


def main() -> None:
    """Time them one after another, and print the efficiency."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="tabm")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--strategies", nargs="+", default=["ddp", "fsdp"])
    arguments = parser.parse_args()
    rows = count(prepared("flights", most=arguments.rows).train)
    given = (arguments.model, arguments.epochs, arguments.rows)
    cores = sorted(os.sched_getaffinity(0))[:2]
    start = time.perf_counter()
    launch(nothing, Ranks(devices=2))
    print(f"starting two ranks: {time.perf_counter() - start:.1f} s")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        alone = pool.submit(one_rank, *given, cores[0]).result()
        print(f"one rank              {rows / alone:9,.0f} rows/s", flush=True)
        both = max(pool.map(partial(one_rank, *given), cores))
        print(
            f"two that share nothing {2 * rows / both:8,.0f} rows/s: {alone / both:.2f} of twice one rank", flush=True
        )
    for strategy in arguments.strategies:
        taken = two_ranks(*given, strategy)
        print(
            f"two ranks, {strategy:5}      {rows / taken:9,.0f} rows/s: efficiency {alone / taken / 2:.2f}", flush=True
        )


def nothing() -> None:
    """What a rank does to be timed at its start."""


if __name__ == "__main__":
    main()
