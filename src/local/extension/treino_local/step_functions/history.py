"""The history of an execution: a list of events, each with the event it follows from."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

# AWS ends an execution whose history would grow longer.
LONGEST = 25_000
FULL = f"The execution reached the maximum number of history events ({LONGEST})."

COMPLETE = {"truncated": False}

Event = dict[str, Any]


class Full(Exception):
    """The history has as many events as it may have."""


def now() -> str:
    moment = datetime.datetime.now(datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


# Told of each event that is added, by its type.
listeners: list[Callable[[str], None]] = []


class History:
    def __init__(self, events: list[Event]) -> None:
        # The list is MiniStack's; other threads read it.
        self._events = events
        self._lock = threading.Lock()
        self._closed = False

    def add(self, kind: str, previous: int, details: Event | None = None) -> int:
        """Adds an event and answers its number; none is added to what has ended."""
        with self._lock:
            if self._closed:
                return previous
            if len(self._events) >= LONGEST - 1:
                raise Full
            return self._append(kind, previous, details)

    def end(self, kind: str, previous: int, details: Event) -> None:
        """The last event."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._append(kind, previous, details)

    def close(self) -> None:
        with self._lock:
            self._closed = True

    def _append(self, kind: str, previous: int, details: Event | None) -> int:
        number = len(self._events) + 1
        event: Event = {"id": number, "previousEventId": previous, "type": kind, "timestamp": now()}
        if details is not None:
            event[_details_of(kind)] = details
        self._events.append(event)
        for listener in listeners:
            listener(kind)
        return number


def _details_of(kind: str) -> str:
    for shared in ("StateEntered", "StateExited"):
        if kind.endswith(shared):
            kind = shared
    return f"{kind[0].lower()}{kind[1:]}EventDetails"


def failure(error: str | None, cause: str | None) -> Event:
    """The details of a failure, which may have neither an error nor a cause."""
    return {key: each for key, each in (("error", error), ("cause", cause)) if each is not None}
