"""What Kedro costs: `kedro run` of everything, against a script that calls the same functions without Kedro.

Usage: python benchmarks/kedro_overhead.py [--params experiment=quick] [--rounds 2]

The script passes results on in memory; it writes what a run is for and no more: the training table, the model in
the store, the Bento. Both run as processes of their own, in turn, start and imports included, in a temporary model
store. The difference is Kedro's command line, configuration, catalog, checks, hooks and the saving and loading of
every dataset between the nodes.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SCRIPT = """
import json, sys
from importlib import import_module
from pathlib import Path
import polars as pl
from stillroom.datasets.bento import Release, build_bento, save_model
from stillroom.datasets.champion import Champion
from stillroom.datasets.environment import DirectionsDataset
from stillroom.parameters import Parameters

plan = json.loads(Path(sys.argv[1]).read_text())
table = Path(sys.argv[1]).with_name("training_table.parquet")
parameters = Parameters.model_validate(plan["parameters"])
values = {name: pl.scan_parquet(path) for name, path in plan["raw"].items()}
values |= {"standing_champion": Champion(), "standing_model": None, "git_commit": plan["git_commit"]}
values["directions"] = DirectionsDataset(report="report.html").load()

def keep(name, value):
    if name == "training_table":
        value.sink_parquet(table)
        return pl.scan_parquet(table)
    if name == "soft_targets":
        return value.lazy()
    if name == "release_model":
        tag = save_model(plan["store"], value)
        values["champion_model"] = Release(value.onnx, value.metadata, value.labels, tag)
        return values["champion_model"]
    return build_bento(value, plan["store"], Path.cwd()) if name == "bento" else value

for step in plan["steps"]:
    given = [getattr(parameters, i[7:]) if i.startswith("params:") else values[i] for i in step["inputs"]]
    made = getattr(import_module(step["module"]), step["function"])(*given)
    for name, value in zip(step["outputs"], made if len(step["outputs"]) > 1 else [made]):
        values[name] = keep(name, value)
"""


def plan(params: str) -> dict[str, Any]:
    """The pipeline as plain data: which functions, in which order, on what."""
    from kedro.framework.project import pipelines
    from kedro.framework.session import KedroSession
    from kedro.framework.startup import bootstrap_project

    from stillroom.cli import split_params

    bootstrap_project(Path.cwd())
    with KedroSession.create(runtime_params=split_params(None, None, params)) as session:
        context = session.load_context()
        parameters, catalog = context.config_loader["parameters"], context.config_loader["catalog"]
        pipeline, commit = pipelines["__default__"], context.catalog.load("git_commit")
        raw = {n: catalog[n]["filepath"] for n in pipeline.inputs() if str(catalog.get(n, {})).find("01_raw") > 0}
    steps = [
        {"module": n.func.__module__, "function": n.func.__name__, "inputs": n.inputs, "outputs": n.outputs}
        for n in pipeline.nodes
    ]
    store = f"stillroom_{parameters['table']['name']}"
    return {"parameters": parameters, "raw": raw, "steps": steps, "store": store, "git_commit": commit}


def copy_project(to: Path) -> Path:
    """A copy of the project to run in, so that no champion of an earlier run stands."""
    for folder in ("conf", "src", "data/01_raw"):
        shutil.copytree(folder, to / folder)
    for name in ("pyproject.toml", "bentofile.yaml", ".telemetry"):
        shutil.copy(name, to / name)
    return to


def main() -> None:
    """Time both, and print the ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--params", default="experiment=quick")
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = copy_project(Path(folder, "project"))
        file = Path(folder, "plan.json")
        file.write_text(json.dumps(plan(arguments.params), default=str))
        commands = {
            "script": [sys.executable, "-c", SCRIPT, str(file)],
            "kedro run": [sys.executable, "-m", "kedro", "run", "--params", arguments.params],
        }
        environment = {**os.environ, "BENTOML_HOME": folder, "PYTHONPATH": str(project / "src")}
        seconds: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(arguments.rounds):
            for name, command in commands.items():
                shutil.rmtree(project / "data/06_models", ignore_errors=True)
                start = time.perf_counter()
                subprocess.run(command, check=True, cwd=project, env=environment, stdout=subprocess.DEVNULL)
                seconds[name].append(time.perf_counter() - start)
                print(f"{name:10} {seconds[name][-1]:6.1f} s", flush=True)
    best = {name: min(taken) for name, taken in seconds.items()}
    print(f"Kedro's overhead: {best['kedro run'] / best['script'] - 1:+.1%} of the script's {best['script']:.1f} s")


if __name__ == "__main__":
    main()
