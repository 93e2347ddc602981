"""Customers of a shop's service, who ask without pause."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import numpy as np


@contextmanager
def customers(url: str) -> Iterator[None]:
    """While this lasts, one row after another is asked for."""
    ended = threading.Event()
    thread = threading.Thread(target=_ask, args=(url, ended))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _ask(url: str, ended: threading.Event) -> None:
    draw = np.random.default_rng(1)
    with httpx.Client(base_url=url, timeout=30) as client:
        while not ended.is_set():
            price, weight, age = draw.normal(size=3).tolist()
            row = {"price": price, "weight": weight, "age": age, "channel": str(draw.choice(["web", "shop", "phone"]))}
            client.post("/predict", json={"rows": [row]})
            ended.wait(0.005)
