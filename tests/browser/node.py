"""Runs the page's own script under Node, with onnxruntime-web from docs/browser/node_modules."""

import json
import subprocess
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("predict.mjs")


def in_node(models: list[Path], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each model: the predictions of rows as POST /predict takes them, the columns by influence, the latency."""
    asked = json.dumps({"models": [str(path) for path in models], "rows": rows})
    done = subprocess.run(["node", str(SCRIPT)], input=asked, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
