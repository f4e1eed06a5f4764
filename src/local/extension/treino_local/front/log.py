"""The log: what the backend and the front say, in two files of limited size."""

from __future__ import annotations

import os
import sys
import threading
import time

LIMIT = 5 * 1024 * 1024


class Log:
    """Appends to a file; when that is full, it becomes FILE.1, in place of the one before."""

    def __init__(self, path: str | None, limit: int = LIMIT) -> None:
        self._path = path
        # The backend's words come from a thread.
        self._lock = threading.Lock()
        self._limit = limit
        self._descriptor = _opened(path) if path else None
        self._size = os.fstat(self._descriptor).st_size if self._descriptor is not None else 0
        if self._descriptor is not None:
            self._lend(self._descriptor, self._descriptor)

    def write(self, data: bytes) -> None:
        with self._lock:
            self._write(data)

    def _write(self, data: bytes) -> None:
        if self._descriptor is None or self._path is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        try:
            if self._size + len(data) > self._limit:
                self._turn(self._path)
            os.write(self._descriptor, data)
        except OSError:
            # A full disk must not end what it cannot describe.
            return
        self._size += len(data)

    def say(self, text: str) -> None:
        moment = time.strftime("%Y-%m-%d %H:%M:%S")
        self.write(f"{moment} [front] {text}\n".encode())

    def _turn(self, path: str) -> None:
        os.replace(path, f"{path}.1")
        previous, self._descriptor = self._descriptor, _opened(path)
        self._size = 0
        if previous is not None:
            self._lend(previous, self._descriptor)
            os.close(previous)

    @staticmethod
    def _lend(to_same_as: int, descriptor: int) -> None:
        """The last words of this process itself go the same way, where they went to the same file."""
        for stream in (1, 2):
            if os.path.samestat(os.fstat(stream), os.fstat(to_same_as)):
                os.dup2(descriptor, stream)


def _opened(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
