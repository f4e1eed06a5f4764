"""What can be interrupted: an execution, and in it the branches or iterations of a state, as a tree."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator

from treino_local.step_functions.errors import Interrupted

_LONGEST = threading.TIMEOUT_MAX


class Scope:
    def __init__(self, outer: Scope | None = None) -> None:
        self._outer = outer
        self._lock = threading.Lock()
        self._cancelled = False
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count()
        self._place = outer._add(self.cancel) if outer else 0

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def check(self) -> None:
        if self._cancelled:
            raise Interrupted

    def cancel(self) -> None:
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = True
            callbacks = list(self._callbacks.values())
            self._callbacks.clear()
        for callback in callbacks:
            callback()

    def close(self) -> None:
        """The branch has ended: what is around it need not remember it."""
        if self._outer:
            self._outer._remove(self._place)

    @contextlib.contextmanager
    def calling(self, callback: Callable[[], None]) -> Iterator[None]:
        """While this lasts, an interruption calls the callback, from another thread."""
        number = self._add(callback)
        try:
            yield
        finally:
            self._remove(number)

    def wait(self, event: threading.Event, seconds: float | None = None) -> bool:
        """Waits for the event; whether it came within the seconds. Raises where the scope is interrupted."""
        with self.calling(event.set):
            came = event.wait(None if seconds is None else min(max(seconds, 0), _LONGEST))
        self.check()
        return came

    def sleep(self, seconds: float) -> None:
        self.wait(threading.Event(), seconds)

    def _add(self, callback: Callable[[], None]) -> int:
        with self._lock:
            number = next(self._numbers)
            if not self._cancelled:
                self._callbacks[number] = callback
                return number
        callback()
        return number

    def _remove(self, number: int) -> None:
        with self._lock:
            self._callbacks.pop(number, None)


class Alarms:
    """Calls at a given time, all from one thread, which lasts while something is to be called."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._running = False

    def set(self, seconds: float, callback: Callable[[], None]) -> int:
        with self._changed:
            number = next(self._numbers)
            heapq.heappush(self._due, (time.monotonic() + seconds, number, callback))
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, name="step-functions-alarms", daemon=True).start()
            self._changed.notify()
        return number

    def give_up(self, number: int) -> None:
        with self._changed:
            left = [each for each in self._due if each[1] != number]
            if len(left) != len(self._due):
                self._due = left
                heapq.heapify(self._due)
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._due:
                    self._running = False
                    return
                left = self._due[0][0] - time.monotonic()
                if left > 0:
                    self._changed.wait(min(left, _LONGEST))
                    continue
                _, _, callback = heapq.heappop(self._due)
            callback()


alarms = Alarms()
