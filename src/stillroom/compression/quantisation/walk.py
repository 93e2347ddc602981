"""One walk from int8 back towards float32: as many operators in int8 as the loss allows."""

from dataclasses import dataclass, field, replace

import onnx

from stillroom.compression.quantisation.judge import Judge, Judged, size_kb
from stillroom.compression.quantisation.prepared import Prepared
from stillroom.compression.quantisation.sensitivity import sensitivities
from stillroom.compression.quantisation.trial import Sensitivity

ROUNDING = 1e-9  # a loss of 0.72 - 0.71 meets a limit of 0.01, though in floating point it is larger


@dataclass(frozen=True)
class Walked:
    """Where a walk ended: at an int8 model, or at float32 (no model) for a ``reason``.

    ``judged`` is the int8 model's that was refused or made, or that of every operator in int8 where none fits.
    """

    model: onnx.ModelProto | None
    judged: Judged | None
    reason: str | None = None
    excluded: list[str] = field(default_factory=list)
    sensitivities: list[Sensitivity] = field(default_factory=list)


def walk(prepared: Prepared, judge: Judge) -> Walked:
    """Quantise every operator; while the loss exceeds `max_loss`, keep the next most sensitive one in float.

    It ends at float32 too where the int8 file is no smaller than float32's.
    """
    if not prepared.operators:
        return Walked(None, None, f"it has no operator that the {prepared.method} way quantises")
    model = prepared.quantise([])
    judged = judge(model)
    if _fits(judged.loss, prepared.config.max_loss):
        return _if_smaller(Walked(model, judged), judge)
    measured = sensitivities(prepared, judge)
    order = [sensitivity.operator for sensitivity in measured]
    for count in range(1, len(order)):
        fewer = prepared.quantise(order[:count])
        found = judge(fewer)
        if _fits(found.loss, prepared.config.max_loss):
            return _if_smaller(Walked(fewer, found, None, order[:count], measured), judge)
    reason = (
        f"the loss is {judged.loss:.2g} in int8, and {measured[-1].loss:.2g} with just {order[-1]} in int8, "
        f"where a loss of {prepared.config.max_loss:g} is allowed"
    )
    return Walked(None, judged, reason, order, measured)


def _if_smaller(walked: Walked, judge: Judge) -> Walked:
    assert walked.model is not None
    size = size_kb(walked.model)
    if size < judge.size_kb:
        return walked
    kept = f" with {', '.join(walked.excluded)} in float" if walked.excluded else ""
    reason = f"the int8 file{kept} would be {size:.4g} kB, no smaller than float32's {judge.size_kb:.4g} kB"
    return replace(walked, model=None, reason=reason)


def _fits(loss: float, limit: float | None) -> bool:
    return limit is None or loss <= limit * (1 + ROUNDING)
