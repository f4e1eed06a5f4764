"""EventBridge connections as on AWS: an ARN that ends in a UUID, and a secret of their own in Secrets Manager.

What a connection was given stays where MiniStack keeps it, for API destinations and HTTP tasks; what
is shown of it holds no secret. The secret is made, changed and deleted with the connection, and refuses
to be by anybody else.
"""

import copy
import json
import re
import threading
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, new_uuid
from ministack.services import eventbridge, secretsmanager

from treino_local import patching, shapes
from treino_local.types import Answer, Fields, Handler

CONNECTIONS_PER_REGION = 3000

_PREFIX = "events!connection/"

# By authorization type: the parameters it takes, what of them is shown, and the names in the secret.
_KINDS = {
    "API_KEY": ("ApiKeyAuthParameters", ("ApiKeyName",)),
    "BASIC": ("BasicAuthParameters", ("Username",)),
    "OAUTH_CLIENT_CREDENTIALS": ("OAuthParameters", ("AuthorizationEndpoint", "HttpMethod")),
}
_HTTP_PARAMETERS = ("HeaderParameters", "QueryStringParameters", "BodyParameters")


def install() -> None:
    patching.of(eventbridge, "_connections")
    patching.of(eventbridge, "_api_destinations")
    patching.function(eventbridge, "_build_api_destination_request", "dest", "conn", "target_http_params", "payload")
    patching.function(eventbridge, "_deliver_to_api_destination", "name", "request", "conn", "token_key")
    patching.function(secretsmanager, "create_secret_in_process", "name", "secret_string", "description")
    patching.function(secretsmanager, "put_secret_value_in_process", "secret_id", "secret_string")
    patching.function(secretsmanager, "delete_secret_in_process", "secret_id")
    patching.function(secretsmanager, "_resolve", "secret_id")
    for name, addition in {
        "_create_connection": _create,
        "_describe_connection": _describe,
        "_update_connection": _update,
        "_delete_connection": _delete,
        "_deauthorize_connection": _deauthorize,
    }.items():
        patching.wrap(eventbridge, name, "data")(addition)
    for name in ("_delete_secret", "_update_secret", "_put_secret_value", "_rotate_secret"):
        patching.wrap(secretsmanager, name, "data")(_not_by_hand)

    @patching.wrap(secretsmanager, "_describe_secret", "data")
    def describe_secret(original: Handler, data: Fields) -> Answer:
        status, headers, body = original(data)
        found = json.loads(body)
        if found.get("Name", "").startswith(_PREFIX):
            return _json({**found, "OwningService": "events"})
        return status, headers, body

    @patching.wrap(eventbridge, "_dispatch_to_api_destination", "spec", "payload", "target")
    def dispatch_to_api_destination(original: Callable[..., None], spec: Any, payload: Any, target: Fields) -> None:
        name = spec.resource.split("/")[1]
        destination = eventbridge._api_destinations.get(name) or {}
        connection = found(destination.get("ConnectionArn", ""))
        active = destination.get("ApiDestinationState") == "ACTIVE"
        if not active or connection is None or connection["ConnectionState"] != "AUTHORIZED":
            # Nothing is delivered, and MiniStack logs why.
            return original(spec, payload, target)
        parameters = target.get("HttpParameters") or {}
        request = eventbridge._build_api_destination_request(destination, connection, parameters, payload)
        key = (get_account_id(), get_region(), connection["Name"])
        arguments = (name, request, copy.deepcopy(connection), key)
        return threading.Thread(target=eventbridge._deliver_to_api_destination, args=arguments, daemon=True).start()


def found(arn: str) -> Fields | None:
    """The connection of this ARN, with its secrets, or None."""
    parts = re.fullmatch(r"arn:aws:events:([a-z0-9-]+):(\d{12}):connection/([^/]+)/[^/]+", arn)
    if not parts or (parts[1], parts[2]) != (get_region(), get_account_id()):
        return None
    connection: Fields | None = eventbridge._connections.get(parts[3])
    return connection if connection and connection["ConnectionArn"] == arn else None


def _refusal(operation: str, data: Fields, kind: str | None) -> Answer | None:
    message = shapes.fault("events", operation, data)
    name = _KINDS[kind][0] if kind is not None and kind in _KINDS else ""
    given = data.get("AuthParameters") or {}
    if not message and operation == "CreateConnection" and name not in given:
        message = f"Parameter AuthParameters is not valid. Reason: {kind} needs {name}."
    others = [other for other, _ in _KINDS.values() if other != name and other in given]
    if not message and others:
        message = f"Parameter AuthParameters is not valid. Reason: {kind} does not take {others[0]}."
    return _error("ValidationException", message) if message else None


def _create(original: Handler, data: Fields) -> Answer:
    refused = _refusal("CreateConnection", data, data.get("AuthorizationType"))
    if refused:
        return refused
    name = data["Name"]
    if name not in eventbridge._connections and len(eventbridge._connections) >= CONNECTIONS_PER_REGION:
        message = "The requested resource exceeds the maximum number allowed."
        return _error("LimitExceededException", message)
    status, headers, body = original(data)
    if status != 200:
        return status, headers, body
    connection = eventbridge._connections[name]
    end = f"{name}/{new_uuid()}"
    connection["ConnectionArn"] = f"arn:aws:events:{get_region()}:{get_account_id()}:connection/{end}"
    connection["SecretArn"] = secretsmanager.create_secret_in_process(f"{_PREFIX}{end}", _secret(connection))
    return _answer(connection, "CreationTime", "LastModifiedTime")


def _describe(original: Handler, data: Fields) -> Answer:
    status, headers, body = original(data)
    if status != 200:
        return status, headers, body
    connection = json.loads(body)
    shown = {key: value for key, value in connection.items() if value not in ("", None)}
    shown["AuthParameters"] = _shown(connection["AuthorizationType"], connection["AuthParameters"])
    return _json(shown)


def _update(original: Handler, data: Fields) -> Answer:
    connection = eventbridge._connections.get(data.get("Name"))
    kind = data.get("AuthorizationType") or (connection or {}).get("AuthorizationType")
    refused = _refusal("UpdateConnection", data, kind)
    if refused:
        return refused
    if connection is not None and kind is not None and data.get("AuthParameters") is not None:
        data = {**data, "AuthParameters": _merged(connection, kind, data["AuthParameters"])}
    status, headers, body = original(data)
    if status != 200:
        return status, headers, body
    secretsmanager.put_secret_value_in_process(connection.get("SecretArn"), _secret(connection))
    return _answer(connection, "CreationTime", "LastModifiedTime", "LastAuthorizedTime")


def _deauthorize(original: Handler, data: Fields) -> Answer:
    connection = eventbridge._connections.get(data.get("Name"))
    status, headers, body = original(data)
    if status != 200:
        return status, headers, body
    secretsmanager.put_secret_value_in_process(connection.get("SecretArn"), "{}")
    return _answer(connection, "CreationTime", "LastModifiedTime")


def _delete(original: Handler, data: Fields) -> Answer:
    connection = eventbridge._connections.get(data.get("Name"))
    status, headers, body = original(data)
    if status != 200:
        return status, headers, body
    secretsmanager.delete_secret_in_process(connection.get("SecretArn"))
    connection = {**connection, "ConnectionState": "DELETING"}
    return _answer(connection, "CreationTime", "LastModifiedTime", "LastAuthorizedTime")


def _not_by_hand(original: Handler, data: Fields) -> Answer:
    _, secret = secretsmanager._resolve(data.get("SecretId"))
    if secret and secret["Name"].startswith(_PREFIX):
        message = "You can't perform this operation on a secret that is managed by events.amazonaws.com."
        return _error("InvalidRequestException", message)
    return original(data)


def _answer(connection: Fields, *times: str) -> Answer:
    names = ("ConnectionArn", "ConnectionState", *times)
    return _json({name: connection[name] for name in names if name in connection})


def _json(data: Fields) -> Answer:
    answer: Answer = json_response(data)
    return answer


def _error(code: str, message: str) -> Answer:
    answer: Answer = error_response_json(code, message, 400)
    return answer


def _merged(connection: Fields, kind: str, new: Fields) -> Fields:
    """The parameters after an update, which names only what changes; another type begins anew."""
    old = connection["AuthParameters"] if kind == connection["AuthorizationType"] else {}
    merged = copy.deepcopy(old)
    for name, value in new.items():
        merged[name] = {**merged.get(name, {}), **value} if isinstance(value, dict) else value
    return merged


def _secret(connection: Fields) -> str:
    parameters = connection["AuthParameters"]
    values = dict(parameters.get(_KINDS[connection["AuthorizationType"]][0], {}))
    values.update(values.pop("ClientParameters", {}))
    secret = {_snake(key): value for key, value in values.items()}
    if "InvocationHttpParameters" in parameters:
        secret["invocation_http_parameters"] = parameters["InvocationHttpParameters"]
    return json.dumps(secret)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.replace("ID", "Id").replace("OAuth", "Oauth")).lower()


def _shown(kind: str, parameters: Fields) -> Fields:
    name, public = _KINDS[kind]
    given = parameters.get(name, {})
    shown = {key: given[key] for key in public if key in given}
    if "ClientParameters" in given:
        shown["ClientParameters"] = {"ClientID": given["ClientParameters"].get("ClientID")}
    if "OAuthHttpParameters" in given:
        shown["OAuthHttpParameters"] = _shown_http(given["OAuthHttpParameters"])
    answer = {name: shown} if shown else {}
    if "InvocationHttpParameters" in parameters:
        answer["InvocationHttpParameters"] = _shown_http(parameters["InvocationHttpParameters"])
    return answer


def _shown_http(parameters: Fields) -> Fields:
    return {
        name: [
            {key: value for key, value in each.items() if key != "Value" or not each.get("IsValueSecret")}
            for each in parameters[name]
        ]
        for name in _HTTP_PARAMETERS
        if parameters.get(name)
    }
