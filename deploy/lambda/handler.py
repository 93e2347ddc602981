"""AWS Lambda: events of API Gateway, Function URLs and load balancers, answered by the service's own routes.

The folder `model` beside this file is a version as BentoML's model store keeps it. BentoML itself is not imported,
which keeps the cold start short. What is wrong with the model or the settings ends the start with its sentence.
"""

import os
from pathlib import Path

import yaml
from mangum import Mangum
from starlette.routing import Router

from stillroom.integrity.model import HASH_LABEL, PARITY_FILE, PARITY_LABEL, read_verified
from stillroom.serving.app import routes
from stillroom.serving.model import Model
from stillroom.serving.parity import check
from stillroom.serving.predictor import Predictor
from stillroom.serving.settings import ServiceConfig
from stillroom.serving.version import Version
from stillroom.serving.versions import Versions


def load(folder: Path, config: ServiceConfig) -> Version:
    """The version in this folder, once it has proved to be the one saved and to predict as it should.

    Raises IntegrityError and ParityError.
    """
    stored = yaml.safe_load((folder / "model.yaml").read_text())
    labels = stored["labels"]
    onnx = read_verified(folder, labels.get(HASH_LABEL, "none"), config.public_key)
    model = Model(onnx, config.providers, config.threads, config.tuning)
    if PARITY_LABEL in labels:
        sample = read_verified(folder, labels[PARITY_LABEL], config.public_key, PARITY_FILE)
        check(model, sample, config.parity_tolerance)
    return Version.of(f"{stored['name']}:{stored['version']}", model, config)


def answering(version: Version, config: ServiceConfig) -> Mangum:
    """The function that Lambda calls with each event."""
    router = Router(routes(Predictor(Versions(version), config), config), redirect_slashes=False)
    return Mangum(router, lifespan="off")


CONFIG = ServiceConfig.from_environment()
handler = answering(load(Path(os.environ["LAMBDA_TASK_ROOT"]) / "model", CONFIG), CONFIG)
