"""The request of an HTTP task: what a definition may say, merged with what its connection adds."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

from treino_local.types import Fields, Headers

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
ARRAY_FORMATS = ("INDICES", "REPEAT", "COMMAS", "BRACKETS", "NONE")

_FIELDS = {
    "ApiEndpoint",
    "Authentication",
    "Headers",
    "InvocationConfig",
    "Method",
    "QueryParameters",
    "RequestBody",
    "Transform",
}
# Headers a definition may not set.
_FORBIDDEN = frozenset(
    (
        "a-im",
        "accept-charset",
        "accept-datetime",
        "accept-encoding",
        "authorization",
        "cache-control",
        "connection",
        "content-encoding",
        "content-md5",
        "date",
        "expect",
        "forwarded",
        "from",
        "host",
        "http2-settings",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "origin",
        "pragma",
        "proxy-authorization",
        "range",
        "referer",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
        "warning",
    )
)
_FORBIDDEN_BEGINNINGS = ("x-forwarded", "x-amz", "x-amzn")


class Unfit(Exception):
    """A field of the definition is missing or wrong."""


class Request(NamedTuple):
    endpoint: str
    method: str
    connection: str
    headers: Headers
    query: list[tuple[str, str]]
    body: Any
    array_format: str  # "" if the body is not URL-encoded


def parsed(parameters: Any) -> Request:
    if not isinstance(parameters, dict):
        raise Unfit("The parameters of an HTTP task have to be an object.")
    unknown = sorted(set(parameters) - _FIELDS)
    if unknown:
        raise Unfit(f"The field {unknown[0]!r} is not supported by an HTTP task.")
    endpoint, method = parameters.get("ApiEndpoint"), parameters.get("Method")
    if not isinstance(endpoint, str) or not endpoint:
        raise Unfit("The field 'ApiEndpoint' is required.")
    if method not in METHODS:
        raise Unfit(f"The field 'Method' has to be one of {', '.join(METHODS)}.")
    return Request(
        endpoint,
        method,
        _connection(parameters),
        _headers(parameters.get("Headers") or {}),
        _query(parameters.get("QueryParameters") or {}),
        parameters.get("RequestBody"),
        _array_format(parameters.get("Transform") or {}),
    )


def _connection(parameters: Fields) -> str:
    found = [parameters.get(field) for field in ("Authentication", "InvocationConfig")]
    arns = [each.get("ConnectionArn") for each in found if isinstance(each, dict)]
    if len(arns) != 1 or not isinstance(arns[0], str):
        raise Unfit("Either 'Authentication.ConnectionArn' or 'InvocationConfig.ConnectionArn' is required.")
    return arns[0]


def _headers(headers: Any) -> Headers:
    if not isinstance(headers, dict):
        raise Unfit("The field 'Headers' has to be an object.")
    for name in headers:
        if name.lower() in _FORBIDDEN or name.lower().startswith(_FORBIDDEN_BEGINNINGS):
            raise Unfit(f"The header {name!r} may not be set by an HTTP task.")
    return {name: ",".join(_texts(value)) for name, value in headers.items()}


def _query(parameters: Any) -> list[tuple[str, str]]:
    if not isinstance(parameters, dict):
        raise Unfit("The field 'QueryParameters' has to be an object.")
    return [(name, text) for name, value in parameters.items() for text in _texts(value)]


def _array_format(transform: Any) -> str:
    encoding = transform.get("RequestBodyEncoding", "NONE") if isinstance(transform, dict) else None
    if encoding not in ("NONE", "URL_ENCODED"):
        raise Unfit("The field 'Transform.RequestBodyEncoding' has to be NONE or URL_ENCODED.")
    options = transform.get("RequestEncodingOptions") or {}
    chosen = options.get("ArrayFormat", "INDICES") if isinstance(options, dict) else None
    if chosen not in ARRAY_FORMATS:
        raise Unfit(f"The field 'ArrayFormat' has to be one of {', '.join(ARRAY_FORMATS)}.")
    return chosen if encoding == "URL_ENCODED" else ""


def merged(request: Request, added: Fields) -> Request:
    """The request with the connection's parameters, which win, and its body as bytes."""
    place = urlsplit(request.endpoint)
    query = dict(_pairs(added, "QueryStringParameters"))
    kept = [pair for pair in (*parse_qsl(place.query, keep_blank_values=True), *request.query) if pair[0] not in query]
    place = place._replace(query=urlencode([*kept, *query.items()]))
    headers = {name.lower(): (name, value) for name, value in request.headers.items()}
    headers.update({name.lower(): (name, value) for name, value in _pairs(added, "HeaderParameters")})
    body = _body(request, dict(_pairs(added, "BodyParameters")))
    if body is not None and "content-type" not in headers:
        kind = "application/x-www-form-urlencoded" if request.array_format else "application/json"
        if isinstance(request.body, str) and not request.array_format:
            kind = "text/plain"
        headers["content-type"] = ("Content-Type", f"{kind}; charset=UTF-8")
    return request._replace(endpoint=urlunsplit(place), headers=dict(headers.values()), body=body)


def _pairs(added: Fields, field: str) -> list[tuple[str, str]]:
    return [(each["Key"], each.get("Value", "")) for each in added.get(field) or [] if each.get("Key")]


def _body(request: Request, added: dict[str, str]) -> bytes | None:
    body = request.body
    if added:
        if body is not None and not isinstance(body, dict):
            raise Unfit("The connection has body parameters, so 'RequestBody' has to be an object.")
        body = {**(body or {}), **added}
    if body is None:
        return None
    if isinstance(body, str):
        return body.encode()
    if not request.array_format:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    if not isinstance(body, dict):
        raise Unfit("A 'RequestBody' that is URL-encoded has to be an object.")
    return "&".join(f"{quote_plus(key)}={quote_plus(text)}" for key, text in _form(body, request.array_format)).encode()


def _form(value: Any, array_format: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _form(each, array_format, f"{prefix}[{key}]" if prefix else key)
    elif isinstance(value, list) and array_format in ("INDICES", "REPEAT", "BRACKETS"):
        for at, each in enumerate(value):
            end = {"INDICES": f"[{at}]", "BRACKETS": "[]", "REPEAT": ""}[array_format]
            yield from _form(each, array_format, prefix + end)
    elif isinstance(value, list) and array_format == "COMMAS":
        yield prefix, ",".join(_texts(value))
    else:
        yield prefix, value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each if isinstance(each, str) else json.dumps(each) for each in values]
