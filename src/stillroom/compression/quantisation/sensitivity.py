"""Which operators int8 hurts most."""

from stillroom.compression.quantisation.judge import Judge
from stillroom.compression.quantisation.prepared import Prepared
from stillroom.compression.quantisation.trial import Sensitivity


def sensitivities(prepared: Prepared, judge: Judge) -> list[Sensitivity]:
    """Measure every operator alone in int8, all others in float; the most sensitive first.

    Alone, and not all but each: where two operators are sensitive, taking out either leaves the loss of the other, and
    both would look harmless. It is cheaper too, since one operator is quantised where that would quantise the rest.
    Equal losses are told apart by the mean change of the predictions.
    """
    found = [_alone(operator, prepared, judge) for operator in prepared.operators]
    return sorted(found, key=lambda s: (-s.loss, -s.mean_change))


def _alone(operator: str, prepared: Prepared, judge: Judge) -> Sensitivity:
    judged = judge(prepared.quantise([other for other in prepared.operators if other != operator]))
    return Sensitivity(
        operator=operator, loss=judged.loss, largest_change=judged.largest_change, mean_change=judged.mean_change
    )
