"""Starting, stopping and ending executions: MiniStack's API, with this package's interpreter behind it."""

from __future__ import annotations

import contextvars
import json
import threading
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions

from treino_local import patching
from treino_local.step_functions import lambda_calls, local_services, map_run_records, nested_executions
from treino_local.step_functions.documents import LIMIT, load, size
from treino_local.step_functions.errors import RUNTIME
from treino_local.step_functions.execution import Execution, Record, started
from treino_local.step_functions.history import failure, now
from treino_local.step_functions.scopes import Scope

INTERRUPTED = "The local AWS ended while this execution was running; nothing runs it any longer."

# By their ARN, while they run.
_running: dict[str, Execution] = {}
_changed = threading.Condition()
# The version that the execution being started is started by, which its thread reads.
_version: contextvars.ContextVar[str | None] = contextvars.ContextVar("version", default=None)


def install() -> None:
    for name, parameters in {
        "_invoke_resource": ("resource", "input_data"),
        "_emit_execution_status_event": ("execution",),
        "_execution_version_arn": ("arn",),
        "_resolve_state_machine_arn": ("arn",),
    }.items():
        patching.function(stepfunctions, name, *parameters)
    for name in ("_executions", "_state_machines", "_state_machine_versions", "_task_tokens", "_activities"):
        patching.of(stepfunctions, name)
    patching.of(stepfunctions, "_SFN_WAIT_SCALE")
    patching.of(stepfunctions, "_ExecutionError", type)
    for module in (lambda_calls, map_run_records, nested_executions):
        module.install()

    @patching.wrap(stepfunctions, "_run_execution", "exec_arn")
    def run_execution(_: Any, exec_arn: str) -> None:
        execution = _begun(exec_arn)
        if execution is None:
            return
        try:
            execution.run()
        finally:
            with _changed:
                _running.pop(exec_arn, None)
                _changed.notify_all()

    @patching.wrap(stepfunctions, "_start_execution", "data")
    def start_execution(original: Any, data: Record) -> Any:
        refused = _refused(data) or _same(data)
        if refused is not None:
            return refused
        asked = data.get("stateMachineArn", "").partition("#")[0]
        before = _version.set(stepfunctions._execution_version_arn(asked))
        try:
            return original(data)
        finally:
            _version.reset(before)

    @patching.wrap(stepfunctions, "_stop_execution", "data")
    def stop_execution(original: Any, data: Record) -> Any:
        with _changed:
            execution = _running.get(data.get("executionArn", ""))
            if execution is None:
                return original(data)
        execution.stop(data.get("error"), data.get("cause"))
        return json_response({"stopDate": execution.record["stopDate"]})

    @patching.wrap(stepfunctions, "_get_activity_task", "data")
    async def get_activity_task(original: Any, data: Record) -> Any:
        answer = await original(data)
        if answer[0] == 200:
            callback = stepfunctions._task_tokens.get(json.loads(answer[2]).get("taskToken"))
            if callback is not None:
                callback.start(data.get("workerName"))
        return answer

    @patching.wrap(stepfunctions, "_restore_state", "data")
    def restore_state(original: Any, data: Any) -> Any:
        answer = original(data)
        end_interrupted()
        return answer


def _begun(arn: str) -> Execution | None:
    """The execution of that ARN, unless it was stopped before it began."""
    record = stepfunctions._executions.get(arn)
    if not record:
        return None
    machine = stepfunctions._state_machines.get(record["stateMachineArn"])
    if machine is None:
        machine = {"definition": "{}", "stateMachineArn": record["stateMachineArn"], "name": "", "roleArn": None}
    version = stepfunctions._state_machine_versions.get(_version.get()) or {}
    _version.set(None)
    definition = json.loads(version.get("definition") or machine["definition"])
    read = {**machine, **{key: version[key] for key in ("roleArn",) if version.get(key)}, "definition": definition}
    # MiniStack's first event says nothing of what comes before it.
    record["events"][:] = [started(record, read.get("roleArn"))]
    with _changed:
        if record["status"] != "RUNNING":
            return None
        execution = Execution(record, read, local_services.LocalServices(), _ended)
        _running[arn] = execution
    return execution


def _ended(record: Record) -> None:
    machine = stepfunctions._state_machines.get(record["stateMachineArn"]) or {}
    # Express executions leave no events of their status.
    if machine.get("type") != "EXPRESS":
        stepfunctions._emit_execution_status_event(record)


def _refused(data: Record) -> Any:
    text = data.get("input", "{}")
    try:
        load(text)
    except (TypeError, ValueError) as error:
        message = f"Invalid State Machine Execution Input: '{error}'"
        return error_response_json("InvalidExecutionInput", message, 400)
    if size(text) > LIMIT:
        message = f"1 validation error detected: Value at 'input' failed to satisfy constraint: at most {LIMIT} bytes"
        return error_response_json("ValidationException", message, 400)
    return None


def _same(data: Record) -> Any:
    """The answer of a call that was made before: the same name and input, while it runs."""
    machine = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", "").partition("#")[0])
    if machine is None or not data.get("name"):
        return None
    arn = f"{machine.replace(':stateMachine:', ':execution:', 1)}:{data['name']}"
    record = stepfunctions._executions.get(arn)
    if record and record["status"] == "RUNNING" and record["input"] == data.get("input", "{}"):
        return json_response({"executionArn": arn, "startDate": record["startDate"]})
    return None


def stop(arn: str) -> None:
    with _changed:
        execution = _running.get(arn)
    if execution:
        execution.stop(None, None)


def wait_for_end(arn: str, scope: Scope) -> Record:
    """The record of an execution after its end."""
    record: Record = stepfunctions._executions[arn]
    with scope.calling(_notify), _changed:
        _changed.wait_for(lambda: scope.cancelled or (record["status"] != "RUNNING" and arn not in _running))
    scope.check()
    return record


def _notify() -> None:
    with _changed:
        _changed.notify_all()


def end_interrupted() -> int:
    """Ends, as FAILED, what ran when the process before this one ended; says how many those were."""
    found = 0
    for record in stepfunctions._executions.all_values():
        # MiniStack gives them an error of its own, which AWS does not know, and no last event.
        if record["status"] != "RUNNING" and record.get("error") != "States.ServiceRestart":
            continue
        if record["executionArn"] in _running:
            continue
        found += 1
        record.update(status="FAILED", error=RUNTIME, cause=INTERRUPTED, output=None, stopDate=now())
        record["events"].append(
            {
                "id": len(record["events"]) + 1,
                "previousEventId": 0,
                "type": "ExecutionFailed",
                "timestamp": record["stopDate"],
                "executionFailedEventDetails": failure(RUNTIME, INTERRUPTED),
            }
        )
    for run in stepfunctions._map_runs.all_values():
        if run["status"] == "RUNNING":
            run.update(status="FAILED", stopDate=now())
    return found
