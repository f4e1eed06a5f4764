"""A local AWS whose processes are killed, and that is started again on what it left."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from support import LocalAws

_T = TypeVar("_T")


class Killable(LocalAws):
    """Each in the same folder goes on with what the one before wrote down."""

    def ready(self) -> "Killable":
        while self.wait()["backend"] != "ready":
            time.sleep(0.02)
        return self

    @property
    def front(self) -> int:
        return self._process.pid

    @property
    def backend(self) -> int:
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.front)], capture_output=True, text=True
        )
        return next(int(line.split()[0]) for line in listed.stdout.splitlines() if line.endswith("--backend"))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def terminate(self) -> int:
        self._process.terminate()
        return self._process.wait(timeout=60)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        # Gone since, or a system without /proc.
        return Path("/proc/self/stat").exists()
    # One that nobody has waited for yet.
    return stat.rpartition(")")[2].split()[0] == "Z"


def wait_for(what: Callable[[], _T]) -> _T:
    """What it is once it is true; a test that never sees it is ended by whoever runs the tests."""
    while not (found := what()):
        time.sleep(0.02)
    return found


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
