"""`arn:aws:states:::http:invoke`: a definition calls an HTTP API with an EventBridge connection's authorization.

Unlike on AWS, the API may also be one of this machine's over plain http. A redirect is not followed:
it would take the connection's secrets elsewhere. Nothing of the user's environment is sent.
"""

import json
import logging
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, stepfunctions

from treino_local import patching
from treino_local.eventbridge import connections
from treino_local.step_functions import http_requests
from treino_local.types import Fields

logger = logging.getLogger("treino.http-tasks")

SECONDS = 60
RESPONSE_LIMIT = 256 * 1024

_BINARY = ("application/octet-stream", "image/", "audio/", "video/")
_REFRESHED = (401, 407)


def install() -> None:
    patching.function(eventbridge, "_connection_auth_headers", "conn", "token_key", "force_refresh")
    patching.of(eventbridge, "_NoFollowRedirect", type)
    patching.of(stepfunctions, "_ExecutionError", type)
    patching.of(stepfunctions, "_SERVICE_DISPATCH", dict)["arn:aws:states:::http:invoke"] = _invoke


def _failed(error: str, cause: str) -> Exception:
    failure: Exception = stepfunctions._ExecutionError(error, cause)
    return failure


def _invoke(_resource: str, parameters: Any) -> Fields:
    try:
        request = http_requests.parsed(parameters)
    except http_requests.Unfit as unfit:
        raise _failed("States.Runtime", str(unfit)) from None
    connection = _connection(request.connection)
    _check_place(request.endpoint, "ApiEndpoint")
    try:
        request = http_requests.merged(request, connection["AuthParameters"].get("InvocationHttpParameters") or {})
    except http_requests.Unfit as unfit:
        raise _failed("States.Runtime", str(unfit)) from None
    status, text, headers, body = _sent(request, _authorization(connection))
    if status in _REFRESHED and connection["AuthorizationType"] == "OAUTH_CLIENT_CREDENTIALS":
        status, text, headers, body = _sent(request, _authorization(connection, refresh=True))
    answer = {
        "Headers": headers,
        "ResponseBody": _read(body, headers),
        "StatusCode": status,
        "StatusText": text,
    }
    if not 200 <= status < 300:
        raise _failed(f"States.Http.StatusCode.{status}", json.dumps(answer))
    return answer


def _connection(arn: str) -> Fields:
    connection = connections.found(arn)
    if connection is None:
        raise _failed("Events.ConnectionResource.ResourceNotFound", f"The connection {arn} does not exist.")
    if connection["ConnectionState"] != "AUTHORIZED":
        raise _failed(
            "Events.ConnectionResource.InvalidConnectionState",
            f"The connection {arn} is {connection['ConnectionState']} and not AUTHORIZED.",
        )
    return connection


def _check_place(url: str, field: str) -> None:
    try:
        place = urlsplit(url)
        host, _ = place.hostname or "", place.port
    except ValueError:
        raise _failed("States.Runtime", f"{field} is not a URL: {url}") from None
    if not host or place.scheme not in ("http", "https"):
        raise _failed("States.Runtime", f"{field} is no https URL: {url}")
    if place.scheme == "http":
        if host not in ("127.0.0.1", "localhost", "::1") and not host.endswith(".localhost"):
            message = f"{field} has to begin with https://, or be http on this machine: {url}"
            raise _failed("States.Runtime", message)
        logger.info("%s is called over plain http, which AWS does not do.", host)


def _authorization(connection: Fields, refresh: bool = False) -> dict[str, str]:
    oauth = connection["AuthParameters"].get("OAuthParameters")
    if oauth:
        _check_place(oauth["AuthorizationEndpoint"], "AuthorizationEndpoint")
    key = (get_account_id(), get_region(), connection["Name"])
    try:
        headers: dict[str, str] = eventbridge._connection_auth_headers(connection, key, refresh)
    except Exception as error:
        # Whatever the authorization endpoint did: no connection, no token, no JSON.
        raise _failed(
            "Events.ConnectionResource.InvalidConnectionState",
            f"The authorization endpoint of the connection {connection['Name']} gave no token: {error}",
        ) from None
    return headers


def _sent(
    request: http_requests.Request, authorization: dict[str, str]
) -> tuple[int, str, dict[str, list[str]], bytes]:
    call = urllib.request.Request(request.endpoint, data=request.body, method=request.method)
    for name, value in {**request.headers, **authorization}.items():
        call.add_header(name, value)
    call.add_header("User-Agent", f"Amazon|StepFunctions|HttpInvoke|{get_region()}")
    call.add_header("Range", f"bytes=0-{RESPONSE_LIMIT}")
    end = time.monotonic() + SECONDS
    try:
        with _opened(call) as response:
            return response.status, response.reason, _headers(response), _body(response, end)
    except stepfunctions._ExecutionError:
        raise
    except Exception as error:
        # Of the network, of TLS, or http.client's own for a server that breaks off.
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise _failed("States.Http.Socket", f"The API did not answer within {SECONDS} seconds.") from None
        place = urlsplit(request.endpoint).netloc
        raise _failed("States.TaskFailed", f"{place} cannot be called: {reason or repr(error)}") from None


def _opened(call: urllib.request.Request) -> Any:
    """The response, also one that urllib takes for an error."""
    opener = urllib.request.build_opener(eventbridge._NoFollowRedirect())
    try:
        return opener.open(call, timeout=SECONDS)
    except urllib.error.HTTPError as response:
        return response


def _headers(response: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in response.headers.items():
        found.setdefault(name.lower(), []).append(value)
    return found


def _body(response: Any, end: float) -> bytes:
    body = b""
    while len(body) <= RESPONSE_LIMIT:
        part = response.read1(65536)
        if not part:
            return body
        if time.monotonic() > end:
            raise TimeoutError
        body += part
    raise _failed("States.DataLimitExceeded", f"The API's response is larger than {RESPONSE_LIMIT} bytes.")


def _read(body: bytes, headers: dict[str, list[str]]) -> Any:
    kind = headers.get("content-type", [""])[0].split(";")[0].strip().lower()
    if body and kind.startswith(_BINARY):
        raise _failed("States.Runtime", f"The API's response is {kind}, which a state cannot hold.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _failed("States.Runtime", "The API's response is no UTF-8 text.") from None
    if kind == "application/json" or kind.endswith("+json"):
        try:
            return json.loads(text)
        except ValueError:
            pass
    return text
