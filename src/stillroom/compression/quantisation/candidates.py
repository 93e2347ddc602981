"""Quantise every model every way, and record what became of each."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from stillroom.compression.export import signature_of, with_signature
from stillroom.compression.gate import check_export, open_session
from stillroom.compression.measure import predict
from stillroom.compression.quantisation.judge import Judge, size_kb
from stillroom.compression.quantisation.prepared import Prepared, prepare
from stillroom.compression.quantisation.settings import Method, QuantiseConfig
from stillroom.compression.quantisation.trial import QuantisationTrial, QuantisationTrials, Reference
from stillroom.compression.quantisation.walk import Walked, walk
from stillroom.table.metrics import MAIN_METRIC
from stillroom.table.spec import Task

Feeds = dict[str, np.ndarray]


@dataclass(frozen=True)
class QuantisationRows:
    """Raw rows by column: of the training split to calibrate on, of the validation split and their target to judge by,
    and those on which every export is compared, some of their values missing or unseen."""

    calibration: Feeds
    validation: Feeds
    target: np.ndarray
    parity: Feeds


def quantise_all(
    models: dict[str, onnx.ModelProto], config: QuantiseConfig, rows: QuantisationRows, task: Task
) -> tuple[dict[str, onnx.ModelProto], QuantisationTrials]:
    """Quantise every float32 model every declared way.

    Returns the int8 models by `<model>_<method>`, and the record of all trials. Raises InputError where the validation
    rows do not define the primary metric.
    """
    made: dict[str, onnx.ModelProto] = {}
    references, trials = [], []
    for source, model in models.items():
        judge = Judge(model, rows.validation, rows.target, task)
        references.append(Reference(name=source, score=judge.score, size_kb=judge.size_kb))
        for method in config.methods:
            trial, quantised = _try(source, model, method, config, rows, judge)
            trials.append(trial)
            if quantised is not None:
                made[trial.name] = quantised
    record = QuantisationTrials(
        metric=MAIN_METRIC[task],
        max_loss=config.max_loss,
        validation_rows=len(rows.target),
        references=references,
        trials=trials,
    )
    return made, record


def _try(
    source: str, model: onnx.ModelProto, method: Method, config: QuantiseConfig, rows: QuantisationRows, judge: Judge
) -> tuple[QuantisationTrial, onnx.ModelProto | None]:
    name = f"{source}_{method}"
    begun = QuantisationTrial(name=name, source=source, method=method, outcome="failed")
    try:
        with tempfile.TemporaryDirectory() as folder:
            prepared = prepare(model, method, config, rows.calibration, Path(folder))
            walked = walk(prepared, judge)
        trial = begun.model_copy(update=_found(prepared, walked))
        if walked.model is None:
            return trial, None
        expected = predict(open_session(model), rows.parity)
        difference = check_export(name, walked.model, rows.parity, expected, tolerance=None)
    except Exception as error:  # ONNX Runtime's quantiser raises whatever it comes upon
        return begun.model_copy(update={"reason": " ".join(str(error).split())[:200]}), None
    signature = signature_of(model).model_copy(update={"candidate": name, "source": source})
    return trial.model_copy(update={"largest_difference": difference}), with_signature(walked.model, signature)


def _found(prepared: Prepared, walked: Walked) -> dict[str, Any]:
    return {
        "outcome": "float32" if walked.model is None else "made",
        "reason": walked.reason,
        "score": walked.judged.score if walked.judged else None,
        "loss": walked.judged.loss if walked.judged else None,
        "size_kb": size_kb(walked.model) if walked.model else None,
        "per_channel": prepared.per_channel,
        "operators": prepared.operators,
        "excluded": walked.excluded,
        "sensitivities": walked.sensitivities,
    }
