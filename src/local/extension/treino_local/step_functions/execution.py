"""One execution: from its input to how it ends."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from treino_local.step_functions.documents import load
from treino_local.step_functions.errors import RUNTIME, TIMEOUT, Interrupted, StateError
from treino_local.step_functions.history import COMPLETE, FULL, Event, Full, History, failure, now
from treino_local.step_functions.lines import Line
from treino_local.step_functions.scopes import Scope, alarms
from treino_local.step_functions.services import Services
from treino_local.step_functions.variables import Variables
from treino_local.step_functions.walk import walk

logger = logging.getLogger("treino.step-functions")

Record = dict[str, Any]


class Execution:
    """Runs a machine's definition and writes what becomes of it into a record, which has MiniStack's fields."""

    def __init__(
        self,
        record: Record,
        machine: Record,
        services: Services,
        ended: Callable[[Record], Any] = lambda record: None,
        outer: Scope | None = None,
    ) -> None:
        self.record = record
        self.machine = machine
        self.services = services
        self.definition: dict[str, Any] = machine["definition"]
        self.language: str = self.definition.get("QueryLanguage", "JSONPath")
        self.express = machine.get("type") == "EXPRESS"
        self.history = History(record["events"])
        self.scope = Scope(outer)
        self.done = threading.Event()
        self._ended = ended
        self._ending = threading.Lock()
        self._line = Line(self, self.scope, Variables(), 0)
        self.context: dict[str, Any] = {}

    def run(self) -> None:
        """Runs to the end, whatever it is."""
        alarm = None
        seconds = self.definition.get("TimeoutSeconds")
        try:
            if isinstance(seconds, (int, float)) and not isinstance(seconds, bool):
                alarm = alarms.set(seconds, self._time_out)
            self._run()
        finally:
            if alarm is not None:
                alarms.give_up(alarm)
            self.scope.cancel()
            self.scope.close()
            self.done.set()

    def walk(self, line: Line, machine: dict[str, Any], data: Any) -> Any:
        """The output of a branch or an iteration."""
        return walk(line, machine, data)[0]

    def _run(self) -> None:
        text = self.record["input"]
        try:
            data = load(text)
            self.context = self._context(data)
            _, output = walk(self._line, self.definition, data, text)
            self._end("SUCCEEDED", {"output": output, "outputDetails": COMPLETE}, output=output)
        except Interrupted:
            # Whoever interrupted it has recorded how it ended.
            self._end("ABORTED", {})
        except StateError as error:
            self._fail(error.error, error.cause)
        except Full:
            self._fail(RUNTIME, FULL)
        except Exception as error:
            logger.exception("An execution failed without need: %s", self.record.get("executionArn"))
            self._fail(RUNTIME, f"{type(error).__name__}: {error}")

    def _context(self, data: Any) -> dict[str, Any]:
        record, machine = self.record, self.machine
        return {
            "Execution": {
                "Id": record["executionArn"],
                "Input": data,
                "StartTime": record["startDate"],
                "Name": record["name"],
                "RoleArn": machine.get("roleArn"),
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": machine["stateMachineArn"], "Name": machine["name"]},
        }

    def _fail(self, error: str | None, cause: str | None) -> None:
        self._end("FAILED", failure(error, cause), error=error, cause=cause)

    def _time_out(self) -> None:
        self._end("TIMED_OUT", {"error": TIMEOUT}, follows=0)
        self.scope.cancel()

    def stop(self, error: str | None, cause: str | None) -> None:
        self._end("ABORTED", failure(error, cause), follows=0, error=error, cause=cause)
        self.scope.cancel()

    def _end(self, status: str, details: Event, follows: int | None = None, **found: Any) -> None:
        with self._ending:
            if self.record["status"] != "RUNNING":
                self.history.close()
                return
            kind = {"SUCCEEDED": "Succeeded", "FAILED": "Failed", "TIMED_OUT": "TimedOut", "ABORTED": "Aborted"}[status]
            self.history.end(f"Execution{kind}", self._line.last if follows is None else follows, details)
            self.record.update(stopDate=now(), **found)
            self.record["status"] = status
        self._ended(self.record)


def started(record: Record, role: str | None) -> Event:
    """The first event of a history."""
    return {
        "id": 1,
        "previousEventId": 0,
        "type": "ExecutionStarted",
        "timestamp": record["startDate"],
        "executionStartedEventDetails": {"input": record["input"], "inputDetails": COMPLETE, "roleArn": role},
    }
