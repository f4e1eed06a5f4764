"""StartSyncExecution as AWS answers it: of express machines only, with an ARN of theirs, and no output of a failure."""

from __future__ import annotations

import json
import math
from typing import Any

from ministack.core.responses import error_response_json, json_response, new_uuid
from ministack.services import stepfunctions

from treino_local import patching
from treino_local.step_functions.documents import load

Record = dict[str, Any]


def install() -> None:
    patching.of(stepfunctions, "_state_machines")
    patching.of(stepfunctions, "_executions")
    patching.function(stepfunctions, "_iso_to_epoch_ms", "iso")

    @patching.wrap(stepfunctions, "_start_sync_execution", "data")
    def start_sync_execution(original: Any, data: Record) -> Any:
        machine = stepfunctions._state_machines.get(data.get("stateMachineArn", "").split("#")[0])
        if machine and machine.get("type") != "EXPRESS":
            message = "This operation is not supported by this type of state machine"
            return error_response_json("StateMachineTypeNotSupported", message, 400)
        if machine and not _is_json(data.get("input", "{}")):
            return error_response_json("InvalidExecutionInput", "Invalid State Machine Execution Input", 400)
        status, headers, body = original(data)
        if status != 200:
            return status, headers, body
        return json_response(_finished(json.loads(body)))


def _is_json(text: Any) -> bool:
    try:
        load(text)
    except (TypeError, ValueError):
        return False
    return True


def _finished(answer: Record) -> Record:
    # Of express executions nothing is kept.
    execution = stepfunctions._executions.pop(answer["executionArn"], None) or {}
    answer["status"] = execution.get("status", answer["status"])
    if answer["status"] != "SUCCEEDED":
        for name in ("output", "outputDetails", "error", "cause"):
            answer.pop(name, None)
        answer.update({name: execution[name] for name in ("error", "cause") if execution.get(name) is not None})
    end = answer["executionArn"].rpartition(":execution:")
    answer["executionArn"] = f"{end[0]}:express:{end[2]}:{new_uuid()}"
    seconds = _seconds(execution.get("startDate"), execution.get("stopDate"))
    answer["billingDetails"] = {
        "billedMemoryUsedInMB": 64,
        "billedDurationInMilliseconds": max(100, math.ceil(seconds * 10) * 100),
    }
    return answer


def _seconds(start: str | None, stop: str | None) -> float:
    times = [stepfunctions._iso_to_epoch_ms(each) for each in (start, stop)]
    return float(times[1] - times[0]) / 1000 if all(times) else 0
