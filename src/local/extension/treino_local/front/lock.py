"""One front at a time has a data folder: two would write over each other's state."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

if sys.platform != "win32":
    import fcntl


_MOMENT = 2.0


class Held(Exception):
    """Another front has the folder."""


def take(folder: Path) -> int | None:
    """A descriptor: the folder is held until it is closed, at the latest when this process ends. None on Windows."""
    if sys.platform == "win32":
        return None
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What this process starts does not inherit it.
    descriptor = os.open(folder / "front.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
    except OSError as error:
        with contextlib.closing(os.fdopen(descriptor, "rb")) as file:
            if not isinstance(error, BlockingIOError):
                raise
            pid = file.read(32).decode("ascii", "replace").strip()
        raise Held(
            f"another local AWS (pid {pid or 'unknown'}) has this data folder: `treino local down` ends it"
        ) from None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def _lock(descriptor: int) -> None:
    """Whoever looks whether the folder is held has it for a moment."""
    until = time.monotonic() + _MOMENT
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise
        time.sleep(0.02)


def give_back(descriptor: int | None) -> None:
    if descriptor is not None:
        os.close(descriptor)
