"""Map runs and their child executions as ListMapRuns, DescribeMapRun and ListExecutions show them."""

from __future__ import annotations

import threading
import uuid
from typing import Any

from ministack.services import stepfunctions

from treino_local import patching
from treino_local.step_functions.execution import Execution, started
from treino_local.step_functions.history import now
from treino_local.step_functions.services import Limits

_COUNTS = (
    "pending",
    "running",
    "succeeded",
    "failed",
    "timedOut",
    "aborted",
    "total",
    "resultsWritten",
    "failuresNotRedrivable",
    "pendingRedrive",
)
_COUNTED = {"SUCCEEDED": "succeeded", "FAILED": "failed", "TIMED_OUT": "timedOut", "ABORTED": "aborted"}


def install() -> None:
    patching.of(stepfunctions, "_map_runs")
    patching.function(stepfunctions, "_map_run_view", "run")


class MapRunRecord:
    def __init__(self, execution: Execution, processor: dict[str, Any], label: str | None, limits: Limits) -> None:
        _, _, _, region, account, _, name, *_ = execution.record["stateMachineArn"].split(":")
        name, label = name.partition("/")[0], label or str(uuid.uuid4())
        place = f"arn:aws:states:{region}:{account}"
        self.arn = f"{place}:mapRun:{name}/{label}:{uuid.uuid4()}"
        self._children = f"{place}:execution:{name}/{label}"
        self._parent = execution
        self._lock = threading.Lock()
        self._machine = {
            "definition": {"QueryLanguage": execution.language, **processor},
            "stateMachineArn": f"{place}:stateMachine:{name}/{label}",
            "name": f"{name}/{label}",
            "roleArn": execution.machine.get("roleArn"),
            "type": (processor.get("ProcessorConfig") or {}).get("ExecutionType", "STANDARD"),
        }
        self._record: dict[str, Any] = {
            "mapRunArn": self.arn,
            "executionArn": execution.record["executionArn"],
            "status": "RUNNING",
            "startDate": now(),
            "maxConcurrency": limits.concurrency,
            "toleratedFailurePercentage": limits.percentage,
            "toleratedFailureCount": limits.count,
            "itemCounts": dict.fromkeys(_COUNTS, 0),
            "executionCounts": dict.fromkeys(_COUNTS, 0),
            "redriveCount": 0,
            "_stateMachineArn": self._machine["stateMachineArn"],
        }
        stepfunctions._map_runs[self.arn] = self._record

    def begin(self, items: int, executions: int) -> None:
        with self._lock:
            for counts, number in (("itemCounts", items), ("executionCounts", executions)):
                self._record[counts].update(pending=number, total=number)

    def child(self, text: str, items: int) -> Execution:
        name = str(uuid.uuid4())
        record: dict[str, Any] = {
            "executionArn": f"{self._children}:{name}",
            "stateMachineArn": self._machine["stateMachineArn"],
            "name": name,
            "status": "RUNNING",
            "startDate": now(),
            "stopDate": None,
            "input": text,
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": {"included": True},
            "mapRunArn": self.arn,
        }
        record["events"] = [started(record, self._machine["roleArn"])]
        stepfunctions._executions[record["executionArn"]] = record
        self._count("pending", "running", items)
        return Execution(record, self._machine, self._parent.services)

    def ended(self, child: Execution, items: int) -> None:
        self._count("running", _COUNTED[child.record["status"]], items)

    def close(self, status: str) -> None:
        with self._lock:
            for name in ("itemCounts", "executionCounts"):
                counts = self._record[name]
                counts["aborted"] += counts["pending"]
                counts["pending"] = 0
            self._record.update(status=status, stopDate=now())

    def _count(self, left: str, reached: str, items: int) -> None:
        with self._lock:
            for name, number in (("itemCounts", items), ("executionCounts", 1)):
                self._record[name][left] -= number
                self._record[name][reached] += number
