"""Retry and Catch."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from treino_local.step_functions.errors import RUNTIME, TIMEOUT, StateError
from treino_local.step_functions.visits import Left, Visit


def matches(names: list[str], error: StateError) -> bool:
    known = (error.error, *error.also)
    for name in names:
        if name in known or (name == "States.ALL" and error.error != RUNTIME):
            return True
        if name == "States.TaskFailed" and error.error not in (TIMEOUT, RUNTIME):
            return True
    return False


def attempted(visit: Visit, attempt: Callable[[], Left], failed: Callable[[], Any] | None = None) -> Left:
    """Tries as often as Retry allows; what fails in the end goes where Catch says, or is raised.

    `failed` records that the state has failed, once it will not be tried again.
    """
    tried: dict[int, int] = {}
    while True:
        try:
            return attempt()
        except StateError as error:
            visit.note(error)
            if error.terminal:
                raise
            if not _waited(visit, error, tried):
                return _caught(visit, error, failed)


def _waited(visit: Visit, error: StateError, tried: dict[int, int]) -> bool:
    """Waits as the first retrier that knows the error says; False where there is nothing left to try."""
    for at, retrier in enumerate(visit.state.get("Retry", [])):
        if matches(retrier["ErrorEquals"], error):
            count = tried.get(at, 0)
            if count >= retrier.get("MaxAttempts", 3):
                return False
            tried[at] = count + 1
            visit.retries += 1
            visit.line.scope.sleep(delay(retrier, count) * visit.line.execution.services.scale)
            return True
    return False


def delay(retrier: dict[str, Any], count: int) -> float:
    """The seconds before the next attempt, after so many by this retrier."""
    try:
        seconds = float(retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** count)
    except OverflowError:
        seconds = float("inf")
    seconds = min(seconds, retrier.get("MaxDelaySeconds", 99_999_999))
    return random.uniform(0, seconds) if retrier.get("JitterStrategy") == "FULL" else seconds


def _caught(visit: Visit, error: StateError, failed: Callable[[], Any] | None) -> Left:
    before = visit.line.last
    if failed:
        failed()
    for at, catcher in enumerate(visit.state.get("Catch", [])):
        if matches(catcher["ErrorEquals"], error):
            try:
                return visit.catch(at, error)
            except StateError as another:
                visit.line.last = before
                visit.note(another)
                if failed and not another.terminal:
                    failed()
                raise
    raise error
