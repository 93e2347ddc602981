"""nvidia-modelopt against Stillroom: FastNAS pruning of the same student, and int8 of the same ONNX files.

Usage: python benchmarks/peers/modelopt_cnn.py --python .venv/modelopt/bin/python
       --params table=fashion,experiment=fashion [--keep 40%]

FastNAS may keep as large a share of the student's parameters as Stillroom's smallest pruned student has (or as `--keep`
says), and its network is trained on exactly as Stillroom's is. modelopt then makes int8 of the student and of the
FastNAS network, calibrated on the same training rows as Stillroom's: with its default, which leaves the weights in
float32 for TensorRT to convert, and with `dq_only`, which stores them in int8. All is measured here, in turns.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import onnx
import torch
from common import Run, arguments, attempt, exported, measured, open_run, report, train_on

from stillroom.table.encoding import encode
from stillroom.table.split import part

FOLDER = Path("data/06_models/peers/modelopt")
WORKER = Path(__file__).with_name("modelopt_worker.py")
TRAIN_ROWS, VALIDATION_ROWS = 12_800, 5_000


def ask(python: str, command: str, plan: dict[str, object]) -> None:
    """Run one command of modelopt's side; what it prints goes to a file."""
    file, log = FOLDER / f"{command}.json", FOLDER / f"{command}.log"
    file.write_text(json.dumps({"folder": str(FOLDER), **plan}))
    environment = {**os.environ, "PYTHONPATH": "src"}
    with log.open("w") as output:
        done = subprocess.run(
            [python, str(WORKER), command, str(file)], env=environment, stdout=output, stderr=output, check=False
        )
    if done.returncode:
        raise RuntimeError(f"{log.read_text().strip().splitlines()[-1]} (all of it: {log})")


def write_rows(run: Run) -> None:
    """Encoded rows for FastNAS's statistics and scores, raw ones for calibration."""
    for split, rows in (("train", TRAIN_ROWS), ("validation", VALIDATION_ROWS)):
        frame = part(run.table, split).collect()
        sample = frame.sample(min(rows, frame.height), seed=run.parameters.seed)
        encoded = encode(sample.lazy(), run.encoding)
        np.savez(FOLDER / f"{split}.npz", **encoded.inputs, target=encoded["target"])
    np.savez(FOLDER / "calibration.npz", **run.feeds("train", run.parameters.compress.quantise.calibration_rows))


def share_kept(run: Run) -> str:
    """The parameters that Stillroom's smallest pruned student has left of the student's, in percent."""

    def parameters(model: onnx.ModelProto) -> int:
        return sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer)

    smallest = min(parameters(model) for model in run.students.values())
    return f"{100 * smallest / parameters(run.float_models['student']):.1f}%"


def fastnas(run: Run, python: str, keep: str) -> onnx.ModelProto:
    """The student pruned by FastNAS, trained on, exported."""
    torch.save(run.student.network(run.encoding), FOLDER / "network.pt")
    ask(python, "prune", {"params": keep, "divisor": run.parameters.compress.prune.round_to})
    pruned = torch.load(FOLDER / "pruned.pt", weights_only=False)
    return exported(run, train_on(run, pruned, "fastnas"))


def int8(run: Run, python: str, models: dict[str, onnx.ModelProto]) -> dict[str, onnx.ModelProto]:
    """Each model in int8 by modelopt, both ways of storing the weights."""
    files = {}
    for name, model in models.items():
        source = name.replace(" ", "_")
        onnx.save(model, FOLDER / f"{source}.onnx")
        for label, dq_only in (("int8", False), ("int8 dq_only", True)):
            files[f"{name}, {label}"] = (f"{source}.onnx", f"{source}_{int(dq_only)}.int8.onnx", dq_only)
    ask(python, "quantise", {"files": list(files.values())})
    return {name: onnx.load(FOLDER / target) for name, (_, target, _) in files.items()}


def peers(run: Run, python: str, keep: str) -> dict[str, onnx.ModelProto]:
    """What modelopt makes of the student."""
    pruned = attempt("FastNAS", lambda: fastnas(run, python, keep))
    floats = {"FastNAS": pruned} if pruned is not None else {}
    quantised = attempt("int8", lambda: int8(run, python, {"student": run.float_models["student"], **floats}))
    return {**floats, **(quantised or {})}


def main() -> None:
    """Prune, quantise, measure side by side, print."""
    parser = arguments(__doc__)
    parser.add_argument("--python", required=True, help="the interpreter of modelopt's environment")
    parser.add_argument("--keep", help="the share of the parameters that FastNAS may keep, such as 40%%")
    given = parser.parse_args()
    run = open_run(given.params)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    write_rows(run)
    theirs = peers(run, given.python, given.keep or share_kept(run))
    rows = measured(run, {**run.candidates, **theirs}, given.rounds)
    report(run, [rows[name] for name in run.candidates], [rows[name] for name in theirs])


if __name__ == "__main__":
    main()
