"""Lambda's Invoke: the sizes it takes, bodies that are no JSON, a client's context, the answer as it was written."""

import base64
import contextvars
import json
import re
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from treino_local import patching

_MOST = 6 * 1024 * 1024
_MOST_OF_EVENT = 1024 * 1024
_INVOCATION = re.compile(r"/\d{4}-\d{2}-\d{2}/functions/[^/]+/(invocations|response-streaming-invocations)/?$")


def install(direct: contextvars.ContextVar[Any], new: Any) -> None:
    @patching.wrap(lambda_svc, "handle_request", "method", "path", "headers", "body", "query_params")
    async def handle_request(
        original: Any, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any, **options: Any
    ) -> Any:
        if method == "POST" and _INVOCATION.search(path):
            refused = refusal(headers, body)
            if refused is not None:
                return refused
        return await original(method, path, headers, body, *rest, **options)

    @patching.wrap(lambda_svc, "_invoke", "name", "event", "headers")
    async def invoke(original: Any, name: str, event: Any, headers: dict[str, str], *rest: Any, **options: Any) -> Any:
        call = new(_client_context(headers))
        token = direct.set(call)
        try:
            status, answered, payload = await original(name, event, headers, *rest, **options)
        finally:
            direct.reset(token)
        if status == 200 and call.answer is not None and "X-Amz-Function-Error" not in answered:
            payload = call.answer
        return status, answered, payload


def refusal(headers: dict[str, str], body: bytes) -> Any:
    is_event = _header(headers, "x-amz-invocation-type").lower() == "event"
    if len(body) > _MOST:
        message = f"Request must be smaller than {_MOST} bytes for the InvokeFunction operation"
        return error_response_json("RequestEntityTooLargeException", message, 413)
    if is_event and len(body) > _MOST_OF_EVENT:
        message = f"{len(body)} byte payload is too large for the Event invocation type (limit {_MOST_OF_EVENT} bytes)"
        return error_response_json("RequestEntityTooLargeException", message, 413)
    if body:
        try:
            json.loads(body)
        except (ValueError, RecursionError) as error:
            message = f"Could not parse request body into json: {error}"
            return error_response_json("InvalidRequestContentException", message, 400)
    return None


def _client_context(headers: dict[str, str]) -> Any:
    given = _header(headers, "x-amz-client-context")
    if not given:
        return None
    try:
        return json.loads(base64.b64decode(given))
    except ValueError:
        return None


def _header(headers: dict[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")
