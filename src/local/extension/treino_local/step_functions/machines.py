"""Step Functions: Rekognition called by a definition, a machine's tracing and TimeoutSeconds, how executions end."""

import contextvars
import json
import threading

from ministack.services import lambda_svc, stepfunctions

from treino_local import patching


def install():
    # `arn:aws:states:::aws-sdk:rekognition:detectLabels` and its like.
    services = patching.of(stepfunctions, "_AWS_SDK_SERVICE_MAP", dict)
    services["rekognition"] = {"target_prefix": "RekognitionService", "protocol": "json"}
    patching.of(stepfunctions, "_AWS_SDK_ERROR_PREFIX", dict)["rekognition"] = "Rekognition"

    patching.function(lambda_svc, "_throttle_response", "reason_code", "msg")
    error = patching.of(stepfunctions, "_ExecutionError", type)
    for name, parameters in {
        "_add_event": ("execution", "event_type", "details"),
        "_emit_execution_status_event": ("execution",),
        "now_iso": (),
    }.items():
        patching.function(stepfunctions, name, *parameters)

    # MiniStack keeps a machine's logging, but not its tracing.
    machines = patching.of(stepfunctions, "_state_machines")
    for name in ("_create_state_machine", "_update_state_machine"):

        @patching.wrap(stepfunctions, name, "data")
        def keep_tracing(original, data):
            answer = original(data)
            status, _, body = answer
            if status == 200 and "tracingConfiguration" in data:
                arn = data.get("stateMachineArn") or json.loads(body)["stateMachineArn"]
                machines[arn]["tracingConfiguration"] = data["tracingConfiguration"]
            return answer

    @patching.wrap(stepfunctions, "_call_lambda", "func_ref", "event")
    def call_lambda(original, func_ref, event):
        try:
            return original(func_ref, event)
        except error as failure:
            # MiniStack reads only errorType, which a throttled invocation does not have.
            if failure.error == "Lambda.Unknown" and "TooManyRequestsException" in failure.cause:
                raise error("Lambda.TooManyRequestsException", failure.cause) from None
            raise

    @patching.wrap(stepfunctions, "_fail_execution", "execution", "error", "cause")
    def fail_execution(original, execution, error, cause):
        # One that was stopped, or has timed out, stays so when the state it was in fails later.
        if execution["status"] == "RUNNING":
            original(execution, error, cause)
            # A failed execution has an error and a cause, and no output.
            execution["output"] = None

    @patching.wrap(stepfunctions, "_run_execution", "exec_arn")
    def run_execution(original, exec_arn):
        timer = _timer(exec_arn)
        try:
            original(exec_arn)
        finally:
            if timer:
                timer.cancel()


def _timer(exec_arn):
    """Ends the execution as TIMED_OUT after the machine's TimeoutSeconds, which MiniStack reads for tasks only."""
    execution = stepfunctions._executions.get(exec_arn) or {}
    machine = stepfunctions._state_machines.get(execution.get("stateMachineArn")) or {}
    try:
        seconds = json.loads(machine.get("definition", "{}")).get("TimeoutSeconds")
    except ValueError:
        seconds = None
    if not isinstance(seconds, (int, float)):
        return None
    # In the account and region of the execution, which a new thread does not know.
    timer = threading.Timer(seconds, contextvars.copy_context().run, (_time_out, execution))
    timer.daemon = True
    timer.start()
    return timer


def _time_out(execution):
    if execution["status"] != "RUNNING":
        return
    execution["status"] = "TIMED_OUT"
    execution["error"] = "States.Timeout"
    execution["stopDate"] = stepfunctions.now_iso()
    stepfunctions._add_event(execution, "ExecutionTimedOut", {
        "executionTimedOutEventDetails": {"error": "States.Timeout", "cause": ""},
    })
    stepfunctions._emit_execution_status_event(execution)
