"""Runs a definition in this process, with tasks that answer as a test says."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from typing import Any

from treino_local.step_functions import documents
from treino_local.step_functions.callbacks import Callback
from treino_local.step_functions.errors import StateError
from treino_local.step_functions.execution import Execution, started
from treino_local.step_functions.history import now
from treino_local.step_functions.services import Call, Limits

ROLE = "arn:aws:iam::123456789012:role/lab"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:machine"

Answer = dict[str, Any]


class MapRun:
    arn = "arn:aws:states:us-east-1:123456789012:mapRun:machine/label:run"

    def __init__(self, services: Services, parent: Execution, processor: dict[str, Any]) -> None:
        self._services = services
        self._definition = {"QueryLanguage": parent.language, **processor}
        self.children: list[Execution] = []
        self.status = "RUNNING"

    def begin(self, items: int, executions: int) -> None:
        self.begun = (items, executions)

    def child(self, text: str, items: int) -> Execution:
        child = made(self._definition, text, self._services)
        self.children.append(child)
        return child

    def ended(self, child: Execution, items: int) -> None:
        pass

    def close(self, status: str) -> None:
        self.status = status


class Services:
    region = "us-east-1"
    scale = 0.0

    def __init__(
        self,
        answers: dict[str, list[Answer]] | None = None,
        objects: dict[str, str] | None = None,
        call: Callable[[Call], Any] | None = None,
    ) -> None:
        self._answers = {name: iter(each) for name, each in (answers or {}).items()}
        self.objects = dict(objects or {})
        self._call = call
        self.calls: list[Call] = []
        self.tokens: dict[str, Callback] = {}
        self.offered: list[tuple[str, str]] = []
        self.map_runs: list[MapRun] = []
        self._lock = threading.Lock()

    def call(self, call: Call) -> Any:
        with self._lock:
            self.calls.append(call)
        if self._call:
            return self._call(call)
        named = call.arguments.get("FunctionName") if isinstance(call.arguments, dict) else None
        name = named or call.resource.rpartition(":")[2]
        with self._lock:
            answer = next(self._answers[name])
        if "error" in answer:
            raise StateError(answer["error"], answer.get("cause"))
        token = (call.arguments or {}).get("Token") if isinstance(call.arguments, dict) else None
        if token:
            self.answer(token, answer)
        return answer.get("result")

    def answer(self, token: str, answer: Answer) -> None:
        """As SendTaskSuccess and SendTaskFailure do."""
        callback = self.tokens[token]
        if "fails" in answer:
            callback["error"] = {"Error": answer["fails"], "Cause": answer.get("because", "")}
        elif "sends" in answer:
            callback["result"] = json.dumps(answer["sends"])
        else:
            return
        callback["event"].set()

    def wait_for(self, token: str, callback: Callback) -> None:
        self.tokens[token] = callback

    def forget(self, token: str) -> None:
        self.tokens.pop(token, None)

    def offer(self, activity: str, token: str, text: str) -> bool:
        name = activity.rpartition(":")[2]
        if name not in self._answers:
            return False
        self.offered.append((token, text))
        self.tokens[token].start("worker")
        self.answer(token, next(self._answers[name]))
        return True

    def withdraw(self, activity: str, token: str) -> None:
        self.offered = [each for each in self.offered if each[0] != token]

    def open_map_run(
        self, execution: Execution, processor: dict[str, Any], label: str | None, limits: Limits
    ) -> MapRun:
        self.map_runs.append(MapRun(self, execution, processor))
        return self.map_runs[-1]

    def read_object(self, bucket: str, key: str) -> bytes:
        return self.objects[f"{bucket}/{key}"].encode()

    def list_objects(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        begin = f"{bucket}/{prefix}"
        return [
            {"Key": name.partition("/")[2], "Size": len(text)}
            for name, text in sorted(self.objects.items())
            if name.startswith(begin)
        ]

    def write_object(self, bucket: str, key: str, content: bytes) -> None:
        self.objects[f"{bucket}/{key}"] = content.decode()


_numbers = itertools.count(1)


def made(definition: dict[str, Any], text: str, services: Services, kind: str = "STANDARD") -> Execution:
    name = f"run-{next(_numbers)}"
    record: dict[str, Any] = {
        "executionArn": f"arn:aws:states:us-east-1:123456789012:execution:machine:{name}",
        "stateMachineArn": MACHINE,
        "name": name,
        "status": "RUNNING",
        "startDate": now(),
        "stopDate": None,
        "input": text,
        "output": None,
    }
    record["events"] = [started(record, ROLE)]
    machine = {
        "definition": definition,
        "stateMachineArn": MACHINE,
        "name": "machine",
        "roleArn": ROLE,
        "type": kind,
    }
    return Execution(record, machine, services)


def ran(definition: dict[str, Any], given: Any = None, services: Services | None = None, **options: Any) -> Execution:
    """The execution after it has ended; the input is a value, or its text."""
    text = given if isinstance(given, str) else documents.dump({} if given is None else given)
    execution = made(definition, text, services or Services(), **options)
    execution.run()
    return execution


def output(execution: Execution) -> Any:
    assert execution.record["status"] == "SUCCEEDED", execution.record
    return json.loads(execution.record["output"])


def kinds(execution: Execution) -> list[str]:
    return [event["type"] for event in execution.record["events"]]


def previous(execution: Execution) -> list[int]:
    return [event["previousEventId"] for event in execution.record["events"]]
