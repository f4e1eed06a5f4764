"""A local AWS for these tests, whose functions run on a Python and a Node.js of their own."""

import importlib.util
import shutil
import tempfile
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from functions_support import Local

# What requirements-functions.txt installs.
PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3", "simplejson")


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="treino-functions-", dir="/var/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def interpreters(folder: Path) -> dict[str, str]:
    """A Python with boto3 alone, and a node_modules that stands for the AWS SDK's."""
    python = folder / "python"
    venv.create(python, with_pip=False, symlinks=True)
    libraries = next(python.glob("lib/python*/site-packages"))
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        assert spec is not None, f"install requirements-functions.txt: no {name}"
        assert spec.origin is not None
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
def local(folder: Path, interpreters: dict[str, str]) -> Iterator[Local]:
    running = Local(Path(tempfile.mkdtemp(dir=folder)), **interpreters)
    yield running
    running.end()


@pytest.fixture
def another(folder: Path, interpreters: dict[str, str]) -> Iterator[Callable[..., Local]]:
    """Makes more of them, for what ends or changes one."""
    made: list[Local] = []

    def make(**more: str) -> Local:
        made.append(Local(Path(tempfile.mkdtemp(dir=folder)), **{**interpreters, **more}))
        return made[-1]

    yield make
    for each in made:
        each.end()
