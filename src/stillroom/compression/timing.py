"""Time ONNX models side by side: medians, and the intervals in which they lie."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from pydantic import BaseModel, ConfigDict
from scipy.stats import binom

from stillroom.compression.gate import open_session

CONFIDENCE = 0.95
FEWEST_TURNS = 6  # fewer give no interval of that confidence
TEXT_OPSET = 20


class Latency(BaseModel):
    """Microseconds of one ONNX Runtime call with `rows` rows on one thread, over `runs` calls.

    The median, from `low_us` to `high_us` with 95 % confidence, and the 99th percentile.
    """

    model_config = ConfigDict(frozen=True)

    rows: int
    median_us: float
    low_us: float
    high_us: float
    p99_us: float
    runs: int

    @property
    def batch(self) -> str:
        """Such as `1,000 rows`."""
        return f"{self.rows:,} row{'s' if self.rows != 1 else ''}"


def time_models(
    sessions: dict[str, onnxruntime.InferenceSession], feeds: dict[str, np.ndarray], rows: int, turns: int, calls: int
) -> dict[str, Latency]:
    """Time every session on `rows` rows, already bound as ONNX Runtime's own values.

    The sessions take `turns` turns (6 at least) of some timed calls each, so that a busy moment of the machine falls
    on all alike. The first call of a turn is not timed: a model is served with its weights in the processor's caches,
    where the turn before has left another's.
    """
    batch = first_rows(feeds, rows)
    bound = {name: partial(session.run_with_iobinding, _bind(session, batch)) for name, session in sessions.items()}
    seconds = time_in_turns(bound, max(turns, FEWEST_TURNS), calls)
    return {name: latency(timed, rows) for name, timed in seconds.items()}


def time_in_turns(work: Mapping[str, Callable[[], Any]], turns: int, calls: int) -> dict[str, np.ndarray]:
    """The seconds of each call by name: [turns, calls]."""
    seconds = {name: np.empty((turns, calls)) for name in work}
    for turn in range(turns):
        for name, call in work.items():
            call()
            for i in range(calls):
                start = time.perf_counter()
                call()
                seconds[name][turn, i] = time.perf_counter() - start
    return seconds


def latency(seconds: np.ndarray, rows: int) -> Latency:
    """The latency of calls timed in turns: [turns, calls].

    The calls of a turn share the machine's state, so that the turn counts as one observation: the median is that of
    the turns' medians, and so is its interval.
    """
    of_turns = np.median(seconds, axis=1) * 1e6
    low, high = median_interval(of_turns)
    return Latency(
        rows=rows,
        median_us=float(np.median(of_turns)),
        low_us=low,
        high_us=high,
        p99_us=float(np.quantile(seconds, 0.99)) * 1e6,
        runs=seconds.size,
    )


def median_interval(values: np.ndarray, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Two of the sorted values between which the median lies with at least that confidence, whatever the distribution.

    Of fewer than six values, the least and the greatest, which say less than 95 %.
    Source: David and Nagaraja, Order Statistics, 3rd edition 2003, section 7.1: the number of values below the median
    is binomial.
    """
    beyond = max(int(binom.ppf((1 - confidence) / 2, len(values), 0.5)), 1)
    ordered = np.sort(values)
    return float(ordered[beyond - 1]), float(ordered[-beyond])


def first_rows(feeds: dict[str, np.ndarray], rows: int) -> dict[str, np.ndarray]:
    """Just `rows` rows, repeating them where there are fewer."""
    return {name: np.resize(values, (rows, *values.shape[1:])) for name, values in feeds.items()}


def _bind(session: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray]) -> onnxruntime.IOBinding:
    """Bind rows once: handing over some forty named arrays from Python costs more than a small model's own work."""
    binding = session.io_binding()
    for name, values in feeds.items():
        if values.dtype == object:
            binding.bind_ortvalue_input(name, _text_value(values))
        else:
            binding.bind_cpu_input(name, np.ascontiguousarray(values))
    binding.bind_output(session.get_outputs()[0].name)
    return binding


def _text_value(values: np.ndarray) -> onnxruntime.OrtValue:
    """Text as an OrtValue, which ONNX Runtime makes from no NumPy array: the output of a model that spells numbers.

    Not a constant: ONNX Runtime 1.24, the latest that OpenVINO's build is of, cannot load one of many texts.
    """
    places = np.arange(values.size).reshape(values.shape)
    spell: dict[str, Any] = {
        "keys_int64s": places.ravel().tolist(),
        "values_strings": [str(value) for value in values.ravel()],
    }
    node = helper.make_node("LabelEncoder", ["place"], ["text"], domain="ai.onnx.ml", **spell)
    place = helper.make_tensor_value_info("place", TensorProto.INT64, values.shape)
    text = helper.make_tensor_value_info("text", TensorProto.STRING, values.shape)
    opset = [helper.make_opsetid("", TEXT_OPSET), helper.make_opsetid("ai.onnx.ml", 4)]
    model = helper.make_model(helper.make_graph([node], "text", [place], [text]), opset_imports=opset, ir_version=10)
    bound = {"place": onnxruntime.OrtValue.ortvalue_from_numpy(places)}
    return open_session(model).run_with_ort_values(["text"], bound)[0]
