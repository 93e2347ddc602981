"""OpenSSF's own `model-signing`, in an environment of its own, agrees with us on every folder, good or damaged."""

import json
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from integrity import folders
from integrity.conftest import Pair
from stillroom.integrity.digests import IntegrityError
from stillroom.integrity.keys import read_private_key, read_public_key
from stillroom.integrity.signing import sign, verify

SIGN = """
import model_signing, sys
folder, key = sys.argv[1:]
model_signing.signing.Config().use_elliptic_key_signer(private_key=key).set_hashing_config(
    model_signing.hashing.Config().set_ignored_paths(paths=["model.sig"])).sign(folder, f"{folder}/model.sig")
"""
VERIFY = """
import json, model_signing, pathlib, sys
accepted = []
for folder, key in json.load(sys.stdin):
    config = model_signing.verifying.Config().use_elliptic_key_verifier(public_key=key)
    try:
        config.verify(pathlib.Path(folder), pathlib.Path(folder) / "model.sig")
        accepted.append(folder)
    except Exception as error:
        print(f"{folder}: {error!r}", file=sys.stderr)
print(json.dumps(accepted))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with `model-signing`, which cannot be installed beside whylogs."""
    folder = tmp_path_factory.mktemp("model-signing")
    venv.create(folder, with_pip=True)
    packages = Path(__file__).with_name("model-signing.txt")
    command = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", str(packages)]
    run(folder / "bin/python", *command)
    return folder / "bin/python"


def run(python: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [str(python), *arguments], input=stdin, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def accepts(folder: Path, public: Path) -> bool:
    try:
        return bool(verify(folder, read_public_key(public)))
    except IntegrityError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("signer", ["ours", "model-signing"])
def test_both_verifiers_accept_and_refuse_the_same(
    python: Path, tmp_path: Path, pair: Pair, other: Pair, signer: str
) -> None:
    signers: dict[str, Callable[[Path], object]] = {
        "ours": lambda folder: sign(folder, read_private_key(pair.private)),
        "model-signing": lambda folder: run(python, "-c", SIGN, str(folder), str(pair.private)),
    }
    good = folders.unsigned(tmp_path / "good")
    signers[signer](good)
    cases = [(good, pair.public), (folders.copy(good, tmp_path / "for another key"), other.public)]
    for damage, cause in folders.DAMAGE.items():
        cases.append((folders.copy(good, tmp_path / damage), pair.public))
        cause(cases[-1][0])

    asked = json.dumps([(str(folder), str(key)) for folder, key in cases])
    theirs = json.loads(run(python, "-c", VERIFY, stdin=asked))

    assert theirs == [str(folder) for folder, key in cases if accepts(folder, key)] == [str(good)]
    assert len(cases) == 12
