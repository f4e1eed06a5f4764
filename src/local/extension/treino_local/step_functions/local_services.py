"""What the interpreter needs of the local AWS, in the account and region of the execution."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ministack import app
from ministack.core import responses
from ministack.core.responses import get_region
from ministack.services import stepfunctions

from treino_local.step_functions import lambda_calls, map_run_records, messages, nested_executions, sdk_calls
from treino_local.step_functions.callbacks import Callback
from treino_local.step_functions.errors import StateError
from treino_local.step_functions.execution import Execution
from treino_local.step_functions.services import Call, Limits, MapRun

_LAMBDA = "arn:aws:states:::lambda:invoke"
_NESTED = "arn:aws:states:::states:startExecution"


class LocalServices:
    def __init__(self) -> None:
        self.region: str = get_region()

    @property
    def scale(self) -> float:
        return float(stepfunctions._SFN_WAIT_SCALE)

    def call(self, call: Call) -> Any:
        if call.resource == _LAMBDA:
            return lambda_calls.invoke(call.arguments)
        if not call.resource.startswith("arn:aws:states:::"):
            if ":function:" not in call.resource:
                raise StateError("States.Runtime", f"The resource {call.resource} cannot be called.")
            return lambda_calls.called(call.resource, call.arguments, optimized=False)
        if call.resource == _NESTED:
            return nested_executions.call(call)
        try:
            if call.resource in messages.CALLS:
                return messages.call(call.resource, call.arguments)
            return self._of_ministack(call)
        except stepfunctions._ExecutionError as error:
            raise StateError(error.error, error.cause) from None

    def _of_ministack(self, call: Call) -> Any:
        # Of what else is waited for, MiniStack knows to wait.
        suffix = ".sync" if call.waits.startswith("sync") else ""
        return stepfunctions._invoke_resource(f"{call.resource}{suffix}", call.arguments)

    def wait_for(self, token: str, callback: Callback) -> None:
        stepfunctions._task_tokens[token] = callback

    def forget(self, token: str) -> None:
        stepfunctions._task_tokens.pop(token, None)

    def offer(self, activity: str, token: str, text: str) -> bool:
        if activity not in stepfunctions._activities:
            return False
        stepfunctions._activity_tasks[activity].append({"taskToken": token, "input": text})
        return True

    def withdraw(self, activity: str, token: str) -> None:
        waiting = stepfunctions._activity_tasks.get(activity, [])
        for each in [task for task in waiting if task["taskToken"] == token]:
            waiting.remove(each)

    def open_map_run(
        self, execution: Execution, processor: dict[str, Any], label: str | None, limits: Limits
    ) -> MapRun:
        return map_run_records.MapRunRecord(execution, processor, label, limits)

    # S3, through its own API.

    def read_object(self, bucket: str, key: str) -> bytes:
        return _content(_called("GetObject", {"Bucket": bucket, "Key": key}))

    def write_object(self, bucket: str, key: str, content: bytes) -> None:
        _called("PutObject", {"Bucket": bucket, "Key": key, "Body": content, "ContentType": "application/json"})

    def list_objects(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        more: dict[str, Any] = {}
        while True:
            try:
                page = sdk_calls.call("s3", "listObjectsV2", {"Bucket": bucket, "Prefix": prefix, **more})
            except stepfunctions._ExecutionError as error:
                raise LookupError(error.cause) from None
            found += [
                {
                    "Etag": each.get("ETag", ""),
                    "Key": each["Key"],
                    "LastModified": _seconds(each.get("LastModified")),
                    "Size": each.get("Size", 0),
                    "StorageClass": each.get("StorageClass", "STANDARD"),
                }
                for each in page.get("Contents", [])
            ]
            if not page.get("NextContinuationToken"):
                return found
            more = {"ContinuationToken": page["NextContinuationToken"]}


def _called(name: str, parameters: dict[str, Any]) -> Any:
    operation = responses._service_model("s3").operation_model(name)
    request = sdk_calls.request(operation, parameters)
    status, headers, body = app.call_service_handler_sync(app.SERVICE_HANDLERS["s3"], *request)
    if status >= 300:
        error = sdk_calls.failure("s3", sdk_calls.Answered(operation, status, headers, body))
        raise LookupError(getattr(error, "cause", str(error)))
    return body


def _content(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    assert isinstance(body, Iterable)
    return b"".join(body)


def _seconds(stamp: Any) -> int:
    try:
        return int(datetime.fromisoformat(str(stamp).replace("Z", "+00:00")).timestamp())
    except ValueError:
        return 0
