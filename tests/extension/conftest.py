"""What tests of the extension share: where MiniStack keeps its files, and a running local AWS."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import LocalAws, environment

_FOLDER = tempfile.mkdtemp(prefix="treino-extension-")


def pytest_configure() -> None:
    """Before a test imports MiniStack, which reads its environment then."""
    os.environ.update(environment(Path(_FOLDER)))


def pytest_unconfigure() -> None:
    shutil.rmtree(_FOLDER, ignore_errors=True)


@pytest.fixture
def start_local_aws(tmp_path: Path) -> Iterator[Callable[..., LocalAws]]:
    """Starts a local AWS with these variables of the environment, which ends with the test."""
    started: list[LocalAws] = []

    def start(**variables: str) -> LocalAws:
        folder = tmp_path / f"local-aws-{len(started)}"
        folder.mkdir()
        started.append(LocalAws(folder, **variables))
        started[-1].wait()
        return started[-1]

    yield start
    for each in started:
        each.end()


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """One for all tests that ask for it: names in it are to be a test's own, or its account."""
    started = LocalAws(tmp_path_factory.mktemp("local-aws"))
    started.wait()
    yield started
    started.end()
