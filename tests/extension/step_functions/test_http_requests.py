"""The request of an HTTP task: its fields, and what the connection adds."""

from typing import Any

import pytest
from treino_local.step_functions import http_requests

_CONNECTION = "arn:aws:events:eu-central-1:123456789012:connection/api/0"
_SOUND = {
    "ApiEndpoint": "https://api.example/items?page=1",
    "Method": "POST",
    "Authentication": {"ConnectionArn": _CONNECTION},
}


def _merged(added: dict[str, Any] | None = None, **fields: Any) -> http_requests.Request:
    return http_requests.merged(http_requests.parsed({**_SOUND, **fields}), added or {})


def _form(array_format: str, body: Any) -> str:
    transform = {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": array_format}}
    return bytes(_merged(Transform=transform, RequestBody=body).body).decode()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"ApiEndpoint": ""}, "The field 'ApiEndpoint' is required."),
        ({"Method": "TRACE"}, "The field 'Method' has to be one of GET, POST"),
        ({"Authentication": None}, "Either 'Authentication.ConnectionArn' or"),
        ({"InvocationConfig": {"ConnectionArn": _CONNECTION}}, "Either 'Authentication.ConnectionArn' or"),
        ({"Timeout": 3}, "The field 'Timeout' is not supported by an HTTP task."),
        ({"Headers": []}, None),
        ({"Headers": ["x"]}, "The field 'Headers' has to be an object."),
        ({"Headers": {"Authorization": "x"}}, "The header 'Authorization' may not be set by an HTTP task."),
        ({"Headers": {"X-Amz-Date": "x"}}, "The header 'X-Amz-Date' may not be set by an HTTP task."),
        ({"Headers": {"X-Forwarded-For": "x"}}, "The header 'X-Forwarded-For' may not be set by an HTTP task."),
        ({"QueryParameters": "x"}, "The field 'QueryParameters' has to be an object."),
        ({"Transform": {"RequestBodyEncoding": "XML"}}, "The field 'Transform.RequestBodyEncoding' has to be"),
        (
            {"Transform": {"RequestEncodingOptions": {"ArrayFormat": "CSV"}}},
            "The field 'ArrayFormat' has to be one of INDICES",
        ),
    ],
)
def test_fields_that_are_wrong(fields: dict[str, Any], message: str | None) -> None:
    if message is None:
        assert http_requests.parsed({**_SOUND, **fields}).headers == {}
        return
    with pytest.raises(http_requests.Unfit) as unfit:
        http_requests.parsed({**_SOUND, **fields})
    assert str(unfit.value).startswith(message)


def test_the_connection_s_parameters_win() -> None:
    added = {
        "HeaderParameters": [{"Key": "x-team", "Value": "theirs"}],
        "QueryStringParameters": [{"Key": "page", "Value": "9"}],
        "BodyParameters": [{"Key": "user", "Value": "theirs"}],
    }
    request = _merged(added, Headers={"X-Team": "mine"}, QueryParameters={"q": ["a b", 2]}, RequestBody={"user": 1})
    assert request.endpoint == "https://api.example/items?q=a+b&q=2&page=9"
    assert request.headers == {"x-team": "theirs", "Content-Type": "application/json; charset=UTF-8"}
    assert request.body == b'{"user":"theirs"}'


@pytest.mark.parametrize(
    ("body", "sent", "kind"),
    [
        (None, None, None),
        ({"a": "ü"}, '{"a":"ü"}'.encode(), "application/json"),
        ([1], b"[1]", "application/json"),
        ("text", b"text", "text/plain"),
    ],
)
def test_a_body_and_its_type(body: Any, sent: bytes | None, kind: str | None) -> None:
    request = _merged(RequestBody=body)
    assert request.body == sent
    assert request.headers.get("Content-Type") == (f"{kind}; charset=UTF-8" if kind else None)


def test_a_type_that_is_given_stays() -> None:
    assert _merged(Headers={"content-type": "text/csv"}, RequestBody="a,b").headers == {"content-type": "text/csv"}


@pytest.mark.parametrize(
    ("array_format", "text"),
    [
        ("INDICES", "a%5B0%5D=1&a%5B1%5D=x+y&b%5Bc%5D=true"),
        ("BRACKETS", "a%5B%5D=1&a%5B%5D=x+y&b%5Bc%5D=true"),
        ("REPEAT", "a=1&a=x+y&b%5Bc%5D=true"),
        ("COMMAS", "a=1%2Cx+y&b%5Bc%5D=true"),
    ],
)
def test_a_form(array_format: str, text: str) -> None:
    assert _form(array_format, {"a": [1, "x y"], "b": {"c": True}}) == text


def test_parameters_of_the_body_need_an_object() -> None:
    with pytest.raises(http_requests.Unfit):
        _merged({"BodyParameters": [{"Key": "user", "Value": "x"}]}, RequestBody="text")
