"""What BentoML's Dockerfile makes of a Bento, without a container engine: the image's folders are folders of a test.

The instructions are read from the Dockerfile that `bentoml containerize` would build, and run as they stand but for
their paths. Left out are the system's packages and the user, in whose place a user id without a name stands.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from ports import free_port

CONTEXT = """
import shutil, sys, bentoml
from bentoml._internal.container import construct_containerfile
with construct_containerfile(bentoml.get(sys.argv[1]), enable_buildkit=False) as (context, _):
    shutil.copytree(context, sys.argv[2])
"""
LEFT_TO_THE_SYSTEM = ("if command -v groupadd", "apt-get ", "chmod +x")


@dataclass(frozen=True)
class Image:
    """A Bento installed below ``root`` as its Dockerfile says.

    ``env`` are the variables of a process in it, ``entrypoint`` its command, ``user`` the id that it runs with.
    """

    root: Path
    env: dict[str, str]
    entrypoint: list[str]
    user: int

    @property
    def bento(self) -> Path:
        """The Bento, which belongs to root, as in a container whose file system is read-only."""
        return self.root / "home/bentoml/bento"

    @property
    def environment(self) -> Path:
        """The virtual environment."""
        return self.root / "app/.venv"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as the image's user."""
        options = {"env": self.env, "capture_output": True, "text": True, "timeout": 300}
        who = {"user": self.user, "group": self.user, "extra_groups": []}
        return subprocess.run(command, check=False, cwd=self.bento, **who, **options)


@contextmanager
def image(bento: str, home: Path) -> Iterator[Image]:
    """Build the image of a Bento in the store ``home``; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        root = Path(folder)
        root.chmod(0o755)  # for a user who is not root
        yield _build(bento, home, root)


def _build(bento: str, home: Path, root: Path) -> Image:
    context, tools = root / "context", root / "tools"
    environment = {**os.environ, "BENTOML_HOME": str(home), "BENTOML_DO_NOT_TRACK": "True"}
    _checked([sys.executable, "-c", CONTEXT, bento, str(context)], environment, root)
    # The base image's Python, and nothing else.
    _checked([sys.executable, "-m", "venv", str(tools)], environment, root)

    user = 1034 if os.geteuid() == 0 else os.geteuid()
    text = (context / "env/docker/Dockerfile").read_text()
    text = text.replace("/app", f"{root}/app").replace("/home/bentoml", f"{root}/home/bentoml")
    text = text.replace("bentoml:bentoml", f"{user}:{user}")
    (root / "home/bentoml").mkdir(parents=True)
    os.chown(root / "home/bentoml", user, user)
    outside = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "HTTP", "SSL_"))}
    env = {**outside, "PATH": f"{tools}/bin:/usr/bin:/bin", "HOME": str(root / "home/bentoml")}
    entrypoint: list[str] = []
    for instruction, rest in _instructions(text):
        if instruction in {"ENV", "ARG"}:
            name, _, value = rest.partition("=")
            env[name] = _expanded(value, env)
        elif instruction == "COPY" and not rest.endswith(" . ./"):
            _, source, target = rest.split()
            shutil.copytree(context / source, root / "home/bentoml/bento" / target, dirs_exist_ok=True)
        elif instruction == "COPY":
            shutil.copytree(context, root / "home/bentoml/bento", dirs_exist_ok=True)
        elif instruction == "RUN" and not rest.startswith(LEFT_TO_THE_SYSTEM):
            there = root / "home/bentoml/bento"
            _checked(["bash", "-c", rest], env, there if there.exists() else root)
        elif instruction == "ENTRYPOINT":
            entrypoint = json.loads(rest)
    _hand_over(root, entrypoint[0])
    return Image(root, env, entrypoint, user)


def _hand_over(root: Path, entrypoint: str) -> None:
    script = Path(entrypoint)
    script.write_text(script.read_text().replace("/app/", f"{root}/app/"))
    for path in [root / "home/bentoml/bento", *(root / "home/bentoml/bento").rglob("*")]:
        if os.geteuid() == 0:
            os.chown(path, 0, 0)
        path.chmod(0o555 if path.is_dir() or path == script else 0o444)


def _instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    whole = re.sub(r"\\\n", " ", dockerfile)
    for line in whole.splitlines():
        instruction, _, rest = line.strip().partition(" ")
        if instruction.isupper():
            yield instruction, rest.strip()


def _expanded(value: str, env: dict[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda found: env.get(found[1], ""), value)


def _checked(command: list[str], env: dict[str, str], folder: Path) -> None:
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"


@dataclass(frozen=True)
class Running:
    """A started image: its base URL, the processes from the entrypoint down, and the seconds until it was ready."""

    url: str
    process: subprocess.Popen[bytes]
    seconds: float

    @property
    def processes(self) -> list[int]:
        """The supervisor and its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]


@contextmanager
def started(built: Image, *arguments: str, **variables: str) -> Iterator[Running]:
    """Run the image's entrypoint as its user; SIGTERM at the end, after which it must end by itself with 0.

    ``arguments`` are what `docker run` has behind the image.
    """
    port = free_port()
    env = {**built.env, **variables, "PORT": str(port)}
    with (built.root / "log").open("wb") as log:
        began = time.monotonic()
        process = subprocess.Popen(
            [*built.entrypoint, *arguments], env=env, cwd=built.bento, stdout=log, stderr=log,
            user=built.user, group=built.user, extra_groups=[],
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            _until_ready(process, url, built.root / "log")
            yield Running(url, process, time.monotonic() - began)
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()


def _until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    with httpx.Client() as client:
        while process.poll() is None:
            try:
                if client.get(f"{url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
    raise RuntimeError(f"the container ended:\n{log.read_text()[-4000:]}")
