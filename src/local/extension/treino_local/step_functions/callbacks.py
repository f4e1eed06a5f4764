"""Waiting for a worker or for whoever has a task's token."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from treino_local.step_functions.documents import load
from treino_local.step_functions.errors import HEARTBEAT_TIMEOUT, TIMEOUT, StateError
from treino_local.step_functions.scopes import Scope


class Callback(dict[str, Any]):
    """One task that waits. The keys are those that MiniStack's SendTaskSuccess and the like set."""

    def __init__(self) -> None:
        super().__init__(event=threading.Event(), result=None, error=None, heartbeat=None)
        self._began = self._beat = time.monotonic()
        self.started: Callable[[str | None], None] | None = None

    def __setitem__(self, key: str, value: Any) -> None:
        if key == "heartbeat":
            self._beat = time.monotonic()
        super().__setitem__(key, value)

    def start(self, worker: str | None) -> None:
        """A worker has taken the task: its time-outs begin."""
        self._began = self._beat = time.monotonic()
        if self.started:
            self.started(worker)

    def wait(self, scope: Scope, timeout: float | None, heartbeat: float | None) -> Any:
        """What the task was answered with."""
        event = self["event"]
        while not event.is_set():
            ends = [start + span for start, span in ((self._began, timeout), (self._beat, heartbeat)) if span]
            left = min(ends) - time.monotonic() if ends else None
            if left is not None and left <= 0:
                late = heartbeat and self._beat + heartbeat <= self._began + (timeout or float("inf"))
                raise StateError(TIMEOUT, None, (HEARTBEAT_TIMEOUT,) if late else ())
            scope.wait(event, left)
        scope.check()
        if self["error"] is not None:
            raise StateError(self["error"].get("Error"), self["error"].get("Cause"))
        result = self["result"]
        try:
            return load(result) if isinstance(result, str) else result
        except ValueError:
            return result
