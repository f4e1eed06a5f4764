"""Task states: each attempt with its events, its time-outs and what it waits for."""

from __future__ import annotations

import contextvars
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from treino_local.step_functions.callbacks import Callback
from treino_local.step_functions.documents import LIMIT, dump, size, too_large
from treino_local.step_functions.errors import (
    DATA_LIMIT,
    RUNTIME,
    TIMEOUT,
    EvaluationError,
    Interrupted,
    OwnError,
    StateError,
)
from treino_local.step_functions.history import COMPLETE, Event, failure
from treino_local.step_functions.retries import attempted
from treino_local.step_functions.scopes import Scope
from treino_local.step_functions.services import Call
from treino_local.step_functions.visits import Left, Visit

_INTEGRATION = "arn:aws:states:::"
_WAITS = ("sync:2", "sync", "waitForTaskToken")


@dataclass
class _Target:
    """What a Task state's Resource names, and how its events show it."""

    # The beginning of the names of its events.
    prefix: str
    resource: str
    waits: str
    named: Event
    # How the service is called where its result is too large.
    service: str


def target(resource: str) -> _Target:
    if ":activity:" in resource:
        return _Target("Activity", resource, "activity", {}, resource)
    if not resource.startswith(_INTEGRATION):
        return _Target("LambdaFunction", resource, "", {}, resource)
    waits = next((each for each in _WAITS if resource.endswith(f".{each}")), "")
    parts = resource[len(_INTEGRATION) :].split(":")
    of_service = 2 if parts[0] == "aws-sdk" else 1
    named = {"resource": ":".join(parts[of_service:]), "resourceType": ":".join(parts[:of_service])}
    plain = resource.removesuffix(f".{waits}") if waits else resource
    return _Target("Task", plain, waits, named, ":".join(parts[:of_service]))


def task(visit: Visit) -> Left:
    to = target(visit.state["Resource"])

    def attempt() -> Left:
        visit.scheduled = False
        if to.waits in ("waitForTaskToken", "activity"):
            visit.token = str(uuid.uuid4())
        arguments = visit.given()
        timeout, heartbeat = _seconds(visit, "TimeoutSeconds"), _seconds(visit, "HeartbeatSeconds")
        result = _Attempt(visit, to, arguments, timeout, heartbeat).run()
        return visit.leave(result)

    return attempted(visit, attempt)


def _seconds(visit: Visit, field: str) -> int | None:
    value = visit.number(field)
    if value is None:
        return None
    path = visit.state.get(f"{field}Path", field)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 99_999_999:
        message = f"The {field} parameter does not reference a positive integer value: {path} == {dump(value)}"
        raise EvaluationError(message, field) if visit.jsonata else OwnError(RUNTIME, message)
    return value


class _Attempt:
    def __init__(self, visit: Visit, to: _Target, arguments: Any, timeout: int | None, heartbeat: int | None) -> None:
        self.visit = visit
        self.line = visit.line
        self.to = to
        self.arguments = arguments
        self.timeout = timeout
        self.heartbeat = heartbeat
        self.services = visit.line.execution.services

    def run(self) -> Any:
        self._schedule()
        try:
            result = self._activity() if self.to.waits == "activity" else self._service()
            text = dump(result)
            if len(text) * 4 > LIMIT and size(text) > LIMIT:
                raise StateError(DATA_LIMIT, too_large(self.to.service))
        except StateError as error:
            self._add("TimedOut" if error.error == TIMEOUT else "Failed", failure(error.error, error.cause))
            raise
        self._add("Succeeded", {"output": text, "outputDetails": COMPLETE})
        return result

    def _add(self, what: str, details: Event | None = None) -> None:
        # An event of a function or an activity does not repeat what its first one said.
        self.line.add(f"{self.to.prefix}{what}", {**self.to.named, **(details or {})} or None)

    def _schedule(self) -> None:
        text = dump(self.arguments)
        if self.to.prefix == "Task":
            details: Event = {**self.to.named, "region": self.services.region, "parameters": text}
        else:
            details = {"resource": self.to.resource, "input": text, "inputDetails": COMPLETE}
        for name, seconds in (("timeoutInSeconds", self.timeout), ("heartbeatInSeconds", self.heartbeat)):
            if seconds is not None:
                details[name] = seconds
        self.line.add(f"{self.to.prefix}Scheduled", details)
        self.visit.scheduled = True

    def _service(self) -> Any:
        self._add("Started")
        if self.to.waits == "waitForTaskToken":
            return self._with_token()
        return _within(self.line.scope, self.timeout, self._called)

    def _called(self, scope: Scope) -> Any:
        call = Call(self.to.resource, self.to.waits, self.arguments, scope, self._submitted)
        return self.services.call(call)

    def _submitted(self, answer: Any) -> None:
        self._add("Submitted", {"output": dump(answer), "outputDetails": COMPLETE})

    def _with_token(self) -> Any:
        assert self.visit.token is not None
        callback = Callback()
        self.services.wait_for(self.visit.token, callback)
        try:
            self._submitted(_within(self.line.scope, self.timeout, self._called))
            return callback.wait(self.line.scope, self.timeout, self.heartbeat)
        finally:
            self.services.forget(self.visit.token)

    def _activity(self) -> Any:
        assert self.visit.token is not None
        token, callback = self.visit.token, Callback()
        callback.started = lambda worker: self._add("Started", {"workerName": worker} if worker else {})
        self.services.wait_for(token, callback)
        try:
            if not self.services.offer(self.to.resource, token, dump(self.arguments)):
                message = f"The specified activity does not exist: {self.to.resource}"
                raise StateError(RUNTIME, message)
            return callback.wait(self.line.scope, self.timeout, self.heartbeat)
        finally:
            self.services.withdraw(self.to.resource, token)
            self.services.forget(token)


def _within(scope: Scope, seconds: int | None, call: Callable[[Scope], Any]) -> Any:
    """The call's result, if it comes in time: what a service does after that is not waited for."""
    if seconds is None:
        result = call(scope)
        scope.check()
        return result
    answer: list[Any] = []
    done = threading.Event()
    inner = Scope(scope)

    def run() -> None:
        try:
            answer.append((call(inner), None))
        except Exception as error:
            # Raised where it is waited for.
            answer.append((None, error))
        done.set()

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name="step-functions-task", daemon=True).start()
    try:
        if not scope.wait(done, seconds):
            raise StateError(TIMEOUT)
    finally:
        inner.cancel()
        inner.close()
    result, error = answer[0]
    if isinstance(error, Interrupted):
        raise StateError(TIMEOUT)
    if error is not None:
        raise error
    return result
