"""A local AWS of its own for these tests, and functions made by its API.

Run by the Python that has MiniStack, boto3, simplejson and pytest: `python -m pytest tests/extension/functions`.
"""

import contextlib
import importlib.util
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

MAIN = Path(__file__).resolve().parents[3] / "src/local/extension/main.py"
ACCOUNT = "123456789012"
# What requirements-functions.txt installs.
PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3", "simplejson")


class Local:
    """One local AWS, in folders of its own outside of /tmp, as it is with a user."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        for name in ("s3", "state", "tmp"):
            (folder / name).mkdir(parents=True)
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(MAIN)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": os.environ.get("HOME", "/"),
                    "BIND_HOST": "127.0.0.1",
                    "GATEWAY_PORT": str(self.port),
                    "S3_DATA_DIR": str(folder / "s3"),
                    "STATE_DIR": str(folder / "state"),
                    "TMPDIR": str(folder / "tmp"),
                    "PYTHONDONTWRITEBYTECODE": "1",
                    "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1",
                    "USER": "somebody",
                    **environment,
                },
            )
        options: dict[str, Any] = {
            "endpoint_url": f"http://127.0.0.1:{self.port}",
            "region_name": "us-east-1",
            "aws_access_key_id": ACCOUNT,
            "aws_secret_access_key": "test",
            "config": Config(read_timeout=300, retries={"max_attempts": 0}, max_pool_connections=100),
        }
        self.client: Callable[[str], Any] = lambda service: boto3.client(service, **options)
        until(lambda: self.health().get("functions"), 120)
        self.functions, self.logs = self.client("lambda"), self.client("logs")
        self.made = 0

    def health(self) -> dict[str, Any]:
        address = f"http://127.0.0.1:{self.port}/_treino/health"
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
        assert self.process.poll() is None, self.log.read_text()
        return {}

    def make(
        self, code: str | dict[str, str], handler: str = "app.handler", runtime: str = "python3.13", **options: Any
    ) -> str:
        files = (
            {f"{handler.split('.')[0]}.{'py' if runtime.startswith('python') else 'js'}": code}
            if isinstance(code, str)
            else code
        )
        self.made += 1
        name = f"f{self.made}"
        self.functions.create_function(
            FunctionName=name,
            Role=f"arn:aws:iam::{ACCOUNT}:role/x",
            Handler=handler,
            Runtime=runtime,
            Code={"ZipFile": zipped(files)},
            **{"MemorySize": 256, "Timeout": 30, **options},
        )
        self.functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        return name

    def raw(self, name: str, event: Any = None, **options: Any) -> tuple[str | None, str]:
        answer = self.functions.invoke(FunctionName=name, Payload=json.dumps(event), **options)
        return answer.get("FunctionError"), answer["Payload"].read().decode()

    def call(self, name: str, event: Any = None, **options: Any) -> Any:
        error, text = self.raw(name, event, **options)
        assert error is None, text
        return json.loads(text)

    def fail(self, name: str, event: Any = None) -> dict[str, Any]:
        error, text = self.raw(name, event)
        assert error == "Unhandled", text
        found: dict[str, Any] = json.loads(text)
        return found

    def events(self, name: str) -> list[dict[str, Any]]:
        pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
        try:
            return [event for page in pages for event in page["events"]]
        except self.logs.exceptions.ResourceNotFoundException:
            return []

    def messages(self, name: str) -> list[str]:
        return [event["message"] for event in self.events(name)]

    def memory(self) -> int:
        """What the server's process takes now, in bytes."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise AssertionError("no VmRSS")

    def end(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(60)


def zipped(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return content.getvalue()


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def processes_of(pid: int) -> int:
    """The descendants of a process."""
    found, waiting = 0, [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                children = [int(child) for child in task.read_text().split()]
                found += len(children)
                waiting += children
    return found


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="treino-functions-", dir="/var/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def environment(folder: Path) -> dict[str, str]:
    """A Python with boto3 alone, and a node_modules that stands for the AWS SDK's."""
    python = folder / "python"
    venv.create(python, with_pip=False, symlinks=True)
    libraries = next(python.glob("lib/python*/site-packages"))
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.origin is not None, f"install requirements-functions.txt: no {name}"
        origin = Path(spec.origin)
        if origin.name == "__init__.py":
            shutil.copytree(origin.parent, libraries / name)
        else:
            shutil.copy(origin, libraries)
    sdk = folder / "node/node_modules/@aws-sdk/client-s3"
    sdk.mkdir(parents=True)
    (sdk / "package.json").write_text('{"name": "@aws-sdk/client-s3", "version": "3.0.0", "main": "index.js"}')
    (sdk / "index.js").write_text("exports.S3Client = class S3Client {};")
    return {
        "TREINO_LOCAL_FUNCTION_PYTHON": str(python / "bin/python"),
        "TREINO_LOCAL_NODE_MODULES": str(folder / "node/node_modules"),
    }


@pytest.fixture(scope="session")
def local(folder: Path, environment: dict[str, str]) -> Iterator[Local]:
    running = Local(folder / "aws", environment)
    yield running
    running.end()


@pytest.fixture
def another(folder: Path, environment: dict[str, str]) -> Iterator[Callable[..., Local]]:
    """Makes more of them, for what ends or changes one."""
    made: list[Local] = []

    def make(**more: str) -> Local:
        made.append(Local(Path(tempfile.mkdtemp(dir=folder)) / "aws", {**environment, **more}))
        return made[-1]

    yield make
    for each in made:
        if each.process.poll() is None:
            each.end()
