"""Functions called by definitions: results and errors as Step Functions shows them."""

from __future__ import annotations

import email.utils
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
    patching.function(stepfunctions, "_resolve_lambda_function_ref", "value", "optimized")
    patching.function(lambda_svc, "_get_func_record_for_ref", "function_ref")
    patching.function(lambda_svc, "_execution_record_for_config", "func", "config")
    patching.function(lambda_svc, "_execute_function_with_config_scope", "func", "event")
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
        reference = stepfunctions._resolve_lambda_function_ref(function, optimized=optimized)
    except stepfunctions._ExecutionError as error:
        raise StateError(error.error, error.cause) from None
    record, config, name = lambda_svc._get_func_record_for_ref(reference)
    if not record or not config:
        raise StateError("Lambda.ResourceNotFoundException", f"Function not found: {name}")
    executed = lambda_svc._execution_record_for_config(record, config)
    result = lambda_svc._execute_function_with_config_scope(executed, event)
    # MiniStack's own `_call_lambda` reads a text that was returned as JSON once more.
    body = result.get("body")
    if result.get("throttle"):
        raise StateError("Lambda.TooManyRequestsException", dump(body))
    if result.get("error"):
        raise _failure(body)
    return body


def _failure(body: Any) -> StateError:
    if not isinstance(body, dict):
        return StateError("Lambda.Unknown", str(body))
    if "errorType" in body:
        return StateError(str(body["errorType"]), dump(body))
    return StateError(
        "Lambda.Unknown",
        "The cause could not be determined because Lambda did not return an error type. "
        f"Returned payload: {dump(body)}",
    )
