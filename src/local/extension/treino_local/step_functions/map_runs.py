"""Distributed Map states: each item, or batch of items, is an execution of its own in a map run."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from treino_local.step_functions import map_items, map_results, map_states
from treino_local.step_functions.documents import dump
from treino_local.step_functions.errors import RUNTIME, THRESHOLD, Interrupted, OwnError, StateError
from treino_local.step_functions.history import failure
from treino_local.step_functions.scopes import Scope
from treino_local.step_functions.services import Limits, MapRun
from treino_local.step_functions.visits import Left, Visit

if TYPE_CHECKING:
    from treino_local.step_functions.execution import Execution

# AWS runs 10,000 at the same time; these are threads of one process.
AT_ONCE = 64

_EXCEEDED = "The specified tolerated failure threshold was exceeded"


def run(
    visit: Visit,
    processor: dict[str, Any],
    given: Callable[[], list[map_states.Item]],
    selected: Callable[[Visit, map_states.Item], Any],
    concurrency: Callable[[Visit], int],
) -> Left:
    line, state = visit.line, visit.state
    reader = state.get("ItemReader")
    items = [] if reader else given()
    limit = concurrency(visit)
    tolerated = _Tolerated(visit)
    line.add("MapStateStarted", {"length": len(items)})
    limits = Limits(limit, tolerated.percentage or 0, tolerated.count or 0)
    map_run = line.execution.services.open_map_run(line.execution, processor, state.get("Label"), limits)
    line.add("MapRunStarted", {"mapRunArn": map_run.arn})
    status = "ABORTED"
    try:
        if reader:
            items = map_items.read(visit, reader)
        inputs = map_items.batched(visit, [selected(visit, item) for item in items])
        map_run.begin(len(items), len(inputs))
        children = _Children(visit, map_run, inputs, tolerated, len(items))
        children.run(min(limit or AT_ONCE, AT_ONCE))
        result = map_results.result(visit, map_run.arn, children.succeeded(), children.failed())
        status = "SUCCEEDED"
    except StateError as error:
        status = "FAILED"
        if error.error != RUNTIME:
            visit.note(error)
            line.beside("MapRunFailed", failure(error.error, error.cause))
        raise
    finally:
        map_run.close(status)
    before = line.last
    line.add("MapRunSucceeded")
    line.add("MapStateSucceeded")
    line.last = before
    return visit.leave(result)


class _Tolerated:
    """How many items may fail."""

    def __init__(self, visit: Visit) -> None:
        def given(field: str) -> bool:
            return field in visit.state or f"{field}Path" in visit.state

        count, percentage = "ToleratedFailureCount", "ToleratedFailurePercentage"
        self.count: int | None = None
        self.percentage: float | None = None
        if given(count):
            self.count = map_states.whole(visit, count, "ToleratedFailureCount cannot be negative.")
        if given(percentage):
            value = visit.number(percentage)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise map_states.unfit(visit, percentage, value, "float")
            if not 0 <= value <= 100:
                raise OwnError(RUNTIME, "ToleratedFailurePercentage must be between 0 and 100.")
            self.percentage = float(value)

    def exceeded(self, failed: int, items: int) -> bool:
        if self.count is None and self.percentage is None:
            return failed > 0
        too_many = self.count is not None and failed > self.count
        return too_many or (self.percentage is not None and failed * 100 > self.percentage * items)


class _Children:
    def __init__(
        self, visit: Visit, map_run: MapRun, inputs: list[map_items.Input], tolerated: _Tolerated, items: int
    ) -> None:
        self._visit = visit
        self._map_run = map_run
        self._inputs = inputs
        self._tolerated = tolerated
        self._items = items
        self._scope = Scope(visit.line.scope)
        self._changed = threading.Condition()
        self._next = 0
        self._left = len(inputs)
        self._failures = 0
        self._exceeded = False
        self._broken: Exception | None = None
        self._ended: dict[int, Execution] = {}

    def run(self, at_once: int) -> None:
        outer = self._visit.line.scope
        try:
            for _ in range(min(at_once, len(self._inputs))):
                context = contextvars.copy_context()
                threading.Thread(target=context.run, args=(self._work,), daemon=True).start()
            with outer.calling(self._awaken), self._changed:
                self._changed.wait_for(lambda: self._exceeded or self._broken or self._left == 0 or outer.cancelled)
            outer.check()
        finally:
            self._scope.cancel()
            self._scope.close()
        if self._broken:
            raise self._broken
        if self._exceeded:
            raise StateError(THRESHOLD, _EXCEEDED)

    def succeeded(self) -> list[dict[str, Any]]:
        return self._records("SUCCEEDED")

    def failed(self) -> list[dict[str, Any]]:
        return self._records("FAILED")

    def _records(self, status: str) -> list[dict[str, Any]]:
        return [self._ended[at].record for at in sorted(self._ended) if self._ended[at].record["status"] == status]

    def _awaken(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        try:
            self._run_children()
        except Exception as error:
            # Whatever it is, the state ends with it, in the thread that waits.
            with self._changed:
                self._broken = error
                self._changed.notify_all()

    def _run_children(self) -> None:
        while True:
            with self._changed:
                if self._next >= len(self._inputs) or self._exceeded or self._broken or self._scope.cancelled:
                    return
                at = self._next
                self._next += 1
            given = self._inputs[at]
            child = self._map_run.child(dump(given.value), given.items)
            try:
                with self._scope.calling(child.scope.cancel):
                    child.run()
            except Interrupted:
                pass
            status = child.record["status"]
            self._map_run.ended(child, given.items)
            with self._changed:
                self._ended[at] = child
                self._left -= 1
                if status != "SUCCEEDED":
                    self._failures += given.items
                    self._exceeded = self._exceeded or self._tolerated.exceeded(self._failures, self._items)
                self._changed.notify_all()
