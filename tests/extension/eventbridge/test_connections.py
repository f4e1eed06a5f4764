"""What is shown of a connection, what its secret holds, and what an update leaves."""

import json
from typing import Any

import pytest
from treino_local.eventbridge import connections

_INVOCATION: dict[str, Any] = {
    "InvocationHttpParameters": {
        "HeaderParameters": [
            {"Key": "x-plain", "Value": "seen", "IsValueSecret": False},
            {"Key": "x-secret", "Value": "hidden", "IsValueSecret": True},
        ]
    }
}
_GIVEN: dict[str, dict[str, Any]] = {
    "API_KEY": {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "hidden"}},
    "BASIC": {"BasicAuthParameters": {"Username": "ana", "Password": "hidden"}},
    "OAUTH_CLIENT_CREDENTIALS": {
        "OAuthParameters": {
            "AuthorizationEndpoint": "https://login.example",
            "HttpMethod": "POST",
            "ClientParameters": {"ClientID": "lab", "ClientSecret": "hidden"},
            "OAuthHttpParameters": {"BodyParameters": [{"Key": "k", "Value": "hidden", "IsValueSecret": True}]},
        }
    },
}
_SECRETS: dict[str, dict[str, Any]] = {
    "API_KEY": {"api_key_name": "x-key", "api_key_value": "hidden"},
    "BASIC": {"username": "ana", "password": "hidden"},
    "OAUTH_CLIENT_CREDENTIALS": {
        "authorization_endpoint": "https://login.example",
        "http_method": "POST",
        "client_id": "lab",
        "client_secret": "hidden",
        "oauth_http_parameters": {"BodyParameters": [{"Key": "k", "Value": "hidden", "IsValueSecret": True}]},
    },
}


@pytest.mark.parametrize("kind", _GIVEN)
def test_no_secret_is_shown(kind: str) -> None:
    shown = connections._shown(kind, {**_GIVEN[kind], **_INVOCATION})
    assert "hidden" not in json.dumps(shown)
    assert shown["InvocationHttpParameters"]["HeaderParameters"] == [
        {"Key": "x-plain", "Value": "seen", "IsValueSecret": False},
        {"Key": "x-secret", "IsValueSecret": True},
    ]


@pytest.mark.parametrize("kind", _GIVEN)
def test_the_secret_holds_everything_by_the_names_of_aws(kind: str) -> None:
    parameters = {**_GIVEN[kind], **_INVOCATION}
    secret = json.loads(connections._secret({"AuthorizationType": kind, "AuthParameters": parameters}))
    assert secret == {
        **_SECRETS[kind],
        "invocation_http_parameters": _INVOCATION["InvocationHttpParameters"],
    }


def test_an_update_leaves_what_it_does_not_name() -> None:
    connection = {"AuthorizationType": "BASIC", "AuthParameters": {**_GIVEN["BASIC"], **_INVOCATION}}
    merged = connections._merged(connection, "BASIC", {"BasicAuthParameters": {"Password": "new"}})
    assert merged == {"BasicAuthParameters": {"Username": "ana", "Password": "new"}, **_INVOCATION}
    assert connection["AuthParameters"] == {**_GIVEN["BASIC"], **_INVOCATION}


def test_an_update_to_another_type_begins_anew() -> None:
    connection = {"AuthorizationType": "BASIC", "AuthParameters": {**_GIVEN["BASIC"], **_INVOCATION}}
    assert connections._merged(connection, "API_KEY", _GIVEN["API_KEY"]) == _GIVEN["API_KEY"]


@pytest.mark.parametrize(
    ("kind", "given", "reason"),
    [
        ("BASIC", {}, "BASIC needs BasicAuthParameters."),
        ("BASIC", _GIVEN["API_KEY"], "BASIC needs BasicAuthParameters."),
        ("BASIC", {**_GIVEN["BASIC"], **_GIVEN["API_KEY"]}, "BASIC does not take ApiKeyAuthParameters."),
    ],
)
def test_the_parameters_have_to_be_those_of_the_type(kind: str, given: dict[str, Any], reason: str) -> None:
    data = {"Name": "api", "AuthorizationType": kind, "AuthParameters": given}
    refused = connections._refusal("CreateConnection", data, kind)
    assert refused is not None
    assert refused[0] == 400
    assert reason in refused[2].decode()


@pytest.mark.parametrize("kind", _GIVEN)
def test_those_of_the_type_are_taken(kind: str) -> None:
    data = {"Name": "api", "AuthorizationType": kind, "AuthParameters": _GIVEN[kind]}
    assert connections._refusal("CreateConnection", data, kind) is None


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "arn:aws:events:eu-central-1:123456789012:connection/api",
        "arn:aws:events:eu-central-1:123456789012:connection/api/00000000-0000-0000-0000-000000000000",
        "arn:aws:iam::123456789012:role/api",
    ],
)
def test_a_connection_that_is_not_there_is_not_found(arn: str) -> None:
    assert connections.found(arn) is None
