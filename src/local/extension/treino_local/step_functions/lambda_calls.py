"""Functions called by definitions: results and errors as Step Functions shows them."""

from __future__ import annotations

import email.utils
import json
import threading
import uuid
from typing import Any

from ministack.services import lambda_svc, stepfunctions

from treino_local import patching
from treino_local.step_functions.documents import dump
from treino_local.step_functions.errors import StateError

# The request id of the function that this thread called last.
_called = threading.local()


def install() -> None:
    patching.function(stepfunctions, "_call_lambda", "func_ref", "event")
    patching.function(stepfunctions, "_resolve_lambda_function_ref", "value", "optimized")
    patching.function(lambda_svc, "_throttle_response", "reason_code", "msg")

    @patching.wrap(lambda_svc, "_emit_lambda_logs", "func", "request_id", "log_text")
    def emit_lambda_logs(original: Any, func: Any, request_id: str, *arguments: Any, **options: Any) -> Any:
        _called.request_id = request_id
        return original(func, request_id, *arguments, **options)


def invoke(arguments: Any) -> dict[str, Any]:
    """`arn:aws:states:::lambda:invoke`."""
    arguments = arguments if isinstance(arguments, dict) else {}
    function = arguments.get("FunctionName") or ""
    qualifier = arguments.get("Qualifier")
    if qualifier and isinstance(function, str):
        function = f"{function}:{qualifier}"
    payload = called(function, arguments.get("Payload", {}), optimized=True)
    text = dump(payload)
    request = getattr(_called, "request_id", None) or str(uuid.uuid4())
    headers = {
        "Connection": "keep-alive",
        "Content-Length": str(len(text.encode(errors="surrogatepass"))),
        "Content-Type": "application/json",
        "Date": email.utils.formatdate(usegmt=True),
        "X-Amz-Executed-Version": qualifier or "$LATEST",
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": request,
    }
    return {
        "ExecutedVersion": qualifier or "$LATEST",
        "Payload": payload,
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": request},
        "StatusCode": 200,
    }


def called(function: Any, event: Any, optimized: bool) -> Any:
    _called.request_id = None
    try:
        return stepfunctions._call_lambda(
            stepfunctions._resolve_lambda_function_ref(function, optimized=optimized), event
        )
    except stepfunctions._ExecutionError as error:
        raise _shown(error.error, error.cause) from None


def _shown(error: str, cause: str) -> StateError:
    if error == "Lambda.Unknown" and "TooManyRequestsException" in cause:
        return StateError("Lambda.TooManyRequestsException", cause)
    try:
        payload = json.loads(cause)
    except (TypeError, ValueError):
        payload = None
    if isinstance(payload, dict):
        cause = dump(payload)
        if error == "Lambda.Unknown":
            cause = (
                "The cause could not be determined because Lambda did not return an error type. "
                f"Returned payload: {cause}"
            )
    return StateError(error, cause)
