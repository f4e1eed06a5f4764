"""`arn:aws:states:::states:startExecution`: an execution starts another, and may wait for it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from ministack.services import stepfunctions

from treino_local import patching
from treino_local.step_functions import start_and_stop
from treino_local.step_functions.documents import dump, load
from treino_local.step_functions.errors import NESTED, StateError
from treino_local.step_functions.services import Call

_PREFIX = "StepFunctions"


def install() -> None:
    patching.function(stepfunctions, "_nested_start_execution_request", "input_data")
    patching.function(stepfunctions, "_start_execution", "data")


def call(call: Call) -> Any:
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    try:
        request = stepfunctions._nested_start_execution_request(arguments)
    except stepfunctions._ExecutionError as error:
        raise StateError(error.error, error.cause) from None
    given = arguments.get("Input", {})
    request["input"] = given if isinstance(given, str) else dump(given)
    status, _, body = stepfunctions._start_execution(request)
    answer = json.loads(body)
    if status >= 300:
        code = str(answer.get("__type", "")).removesuffix("Exception")
        raise StateError(f"{_PREFIX}.{code}Exception", answer.get("message"))
    arn = answer["executionArn"]
    started = {"ExecutionArn": arn, "StartDate": answer["startDate"]}
    if not call.waits.startswith("sync"):
        return started
    call.submitted(started)
    with call.scope.calling(lambda: start_and_stop.stop(arn)):
        record = start_and_stop.wait_for_end(arn, call.scope)
    return _described(record, parsed=call.waits == "sync:2")


def _described(record: dict[str, Any], parsed: bool) -> dict[str, Any]:
    found = {
        "ExecutionArn": record["executionArn"],
        "Input": load(record["input"]) if parsed else record["input"],
        "InputDetails": {"Included": True},
        "Name": record["name"],
        "StartDate": _milliseconds(record["startDate"]),
        "StateMachineArn": record["stateMachineArn"],
        "Status": record["status"],
        "StopDate": _milliseconds(record["stopDate"]),
    }
    if record["status"] == "SUCCEEDED":
        output = load(record["output"]) if parsed else record["output"]
        return {**found, "Output": output, "OutputDetails": {"Included": True}}
    failure = {key.capitalize(): record[key] for key in ("error", "cause") if record.get(key) is not None}
    raise StateError(NESTED, dump({**failure, **found, "Input": record["input"]}))


def _milliseconds(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp() * 1000)
