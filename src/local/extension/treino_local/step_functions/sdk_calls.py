"""`arn:aws:states:::aws-sdk:SERVICE:*` in definitions, for every service of treino's kinds: every call they have.

MiniStack knows a dozen calls of S3, none of them with a body, none of CloudTrail and Glacier, and shows the answers of
others as they came. Here the request is written, and the answer read, by the service's model as botocore carries it;
names and values are those of the AWS SDK for Java, as Step Functions shows them. Only calls with items of DynamoDB stay
with MiniStack, which knows their values.
"""

import base64
import datetime
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, unquote_plus, urlencode

from ministack import app
from ministack.core import responses
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import sqs, stepfunctions

from treino_local import patching
from treino_local.s3 import directory_names
from treino_local.types import Answer, AsyncHandler, Fields, Headers, Query

# The largest result a state may have.
RESULT_LIMIT = 256 * 1024

# By the name in the ARN: how Step Functions calls the service in errors, and MiniStack's name where it is another.
# DynamoDB's is the one of SDK integrations: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
_SERVICES = {
    "cloudtrail": ("CloudTrail", ""),
    "cloudwatchlogs": ("CloudWatchLogs", "logs"),
    "dynamodb": ("DynamoDb", ""),
    "eventbridge": ("EventBridge", "events"),
    "glacier": ("Glacier", ""),
    "iam": ("Iam", ""),
    "lambda": ("Lambda", ""),
    "s3": ("S3", ""),
    "s3control": ("S3Control", ""),
    "sfn": ("Sfn", "states"),
    "sns": ("Sns", ""),
    "sqs": ("Sqs", ""),
}

# What is meant where a parameter is not given. The account is filled in by the SDK for Java; a session's
# mode says that the session was asked for, and not by an SDK on its way to another call.
_DEFAULTS: dict[str, Fields] = {"glacier": {"AccountId": "-"}, "CreateSession": {"SessionMode": "ReadWrite"}}

# A HEAD has no body to name its error in.
_NOT_FOUND = {"HeadObject": "NoSuchKey", "HeadBucket": "NoSuchBucket"}

# What the SDK for Java decodes in the lists of S3 whose keys were asked for encoded, and in their entries.
_ENCODED = ("Key", "KeyMarker", "NextKeyMarker", "Marker", "NextMarker", "Prefix", "Delimiter", "StartAfter")


def install() -> None:
    patching.function(app, "call_service_handler_sync", "handler", "method", "path", "headers", "body", "query_params")
    control = ("path", "method", "body", "query_params", "request_id", "headers")
    patching.function(app, "_handle_s3_control_request", *control)
    patching.function(responses, "_service_model", "service")
    patching.of(stepfunctions, "_ExecutionError", type)

    @patching.wrap(stepfunctions, "_invoke_aws_sdk_integration", "resource", "input_data")
    def invoke_aws_sdk_integration(original: Callable[[str, Any], Any], resource: str, input_data: Any) -> Any:
        parts = resource.removesuffix(".waitForTaskToken").split(":")
        if len(parts) == 8 and parts[6] in _SERVICES and not _is_of_items(parts[6], parts[7]):
            return call(parts[6], parts[7], input_data)
        return original(resource, input_data)


def _is_of_items(service: str, action: str) -> bool:
    """Whether a call of DynamoDB takes or answers items, whose values have names of their own (`BOOL`, `NULL`)."""
    name = _operation_name(action)
    if service != "dynamodb" or name not in _model(service).operation_names:
        return False
    operation = _model(service).operation_model(name)
    left = [each for each in (operation.input_shape, operation.output_shape) if each is not None]
    seen: set[str] = set()
    while left:
        shape = left.pop()
        if shape.name not in seen:
            seen.add(shape.name)
            left += _inside(shape)
    return "AttributeValue" in seen


def _inside(shape: Any) -> list[Any]:
    if shape.type_name == "structure":
        return list(shape.members.values())
    return {"list": lambda: [shape.member], "map": lambda: [shape.value]}.get(shape.type_name, list)()


def _operation_name(action: str) -> str:
    return action[:1].upper() + action[1:]


def _model(service: str) -> Any:
    return responses._service_model(_SERVICES[service][1] or service)


def call(service: str, action: str, parameters: Fields | None) -> Any:
    model = _model(service)
    name = _operation_name(action)
    if model is None or name not in model.operation_names or action[:1].isupper():
        raise failed("States.Runtime", f"The resource arn:aws:states:::aws-sdk:{service}:{action} does not exist.")
    answer = answered(service, name, {**_DEFAULTS.get(service, {}), **_DEFAULTS.get(name, {}), **(parameters or {})})
    if answer.status >= 300:
        raise failure(service, answer)
    operation, parsed = answer.operation, answer.parsed
    result = _from_wire(parsed, operation.output_shape) if operation.output_shape else {}
    if len(json.dumps(result).encode()) > RESULT_LIMIT:
        raise failed(
            "States.DataLimitExceeded",
            f"The state/task 'arn:aws:states:::aws-sdk:{service}:{action}' returned a result with a size exceeding "
            "the maximum number of bytes service limit.",
        )
    return result


@dataclass
class Failure:
    """An error as a service answered it; its name is the model's, or none."""

    name: str
    code: str
    message: str
    request: str


@dataclass
class Answered:
    """What a service answered."""

    operation: Any
    status: int
    headers: Headers
    body: bytes

    @property
    def parsed(self) -> Fields:
        found = _parsed(self.operation, self.operation.output_shape, self.status, self.headers, self.body)
        found.pop("ResponseMetadata", None)
        # By DecodeUrlEncodedResponseInterceptor of the SDK for Java.
        return _decoded(found) if found.get("EncodingType") == "url" else found

    def error(self) -> Failure:
        error = _parsed(self.operation, None, self.status, self.headers, self.body).get("Error", {})
        code = error.get("Code", "")
        if self.status == 404:
            code = _NOT_FOUND.get(self.operation.name, code)
        shapes = self.operation.service_model.error_shapes
        names = {shape.metadata.get("error", {}).get("code", shape.name): shape.name for shape in shapes}
        # SQS has a second, older name for each.
        name = names.get(error.get("QueryErrorCode") or code, "")
        message = error.get("Message") or code or f"status {self.status}"
        return Failure(name, code, message, self.headers.get("x-amz-request-id") or new_uuid())


def answered(service: str, name: str, parameters: Fields) -> Answered:
    """The answer to a call with parameters as Step Functions takes them."""
    operation = _model(service).operation_model(name)
    sent = request(operation, _to_wire(parameters, operation.input_shape, name))
    answer = app.call_service_handler_sync(_handler(service), *sent)
    return Answered(operation, *answer)


def _handler(service: str) -> AsyncHandler:
    if service != "s3control":
        handler: AsyncHandler = app.SERVICE_HANDLERS[_SERVICES[service][1] or service]
        return handler

    async def control(method: str, path: str, headers: Headers, body: bytes, query: Query) -> Answer:
        answer: Answer = await app._handle_s3_control_request(path, method, body, query, new_uuid(), headers)
        return answer

    return control


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: unquote_plus(each) if key in _ENCODED and isinstance(each, str) else _decoded(each)
        for key, each in value.items()
    }


def _parsed(operation: Any, shape: Any, status: int, headers: Headers, body: bytes) -> Fields:
    # Not at the top: only the first call needs botocore, and the start should not wait for it.
    from botocore import parsers
    from botocore.awsrequest import HeadersDict

    answer = {"status_code": status, "headers": HeadersDict(headers), "body": body}
    parsed: Fields = parsers.create_parser(operation.service_model.metadata["protocol"]).parse(answer, shape)
    return parsed


def request(operation: Any, parameters: Fields) -> tuple[str, str, Headers, bytes, Query]:
    """Method, path, headers, body and query, as MiniStack's handlers take them."""
    from botocore import serialize

    service = operation.service_model.metadata
    serializer = serialize.create_serializer(service["protocol"], include_validation=False)
    written = serializer.serialize_to_request(parameters, operation)
    path, _, text = written["url_path"].partition("?")
    query: Query = parse_qs(text, keep_blank_values=True)
    for key, value in dict(written["query_string"]).items():
        query[key] = [str(each) for each in value] if isinstance(value, list) else [str(value)]
    headers = {key.lower(): str(value) for key, value in written["headers"].items()}
    body = _body(written["body"])
    # The account of the execution, which is also what a 12-digit access key stands for.
    signed_for = "s3express" if _of_directory(operation, parameters) else service["endpointPrefix"]
    scope = f"{get_account_id()}/20260101/{get_region()}/{signed_for}/aws4_request"
    # SQS's answers hold the address it was asked at, which functions go on to use.
    here = sqs._CANONICAL_NETLOC if signed_for == "sqs" else None
    headers["host"] = here or f"{service['endpointPrefix']}.{get_region()}.amazonaws.com"
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}"
    if body:
        headers["content-length"] = str(len(body))
        headers["content-md5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
    return written["method"], unquote(path), headers, body, query


def _body(written: Any) -> bytes:
    if isinstance(written, dict):
        # Of a service that is asked by forms.
        written = urlencode(written)
    return written.encode() if isinstance(written, str) else bytes(written)


def _of_directory(operation: Any, parameters: Fields) -> bool:
    bucket = parameters.get("Bucket", "")
    of_bucket = isinstance(bucket, str) and directory_names.is_directory(bucket)
    return of_bucket or operation.name == "ListDirectoryBuckets"


def _to_wire(value: Any, shape: Any, place: str) -> Any:
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            raise _unfit(place, "an object")
        names = {_sdk_name(member): member for member in shape.members}
        unknown = [key for key in value if key not in names]
        if unknown:
            raise failed("States.Runtime", f"The field {unknown[0]!r} of {place} is not supported by Step Functions.")
        missing = [key for key, member in names.items() if member in shape.required_members and key not in value]
        if missing:
            raise failed("States.Runtime", f"The field {missing[0]!r} of {place} is required.")
        return {names[key]: _to_wire(each, shape.members[names[key]], key) for key, each in value.items()}
    if shape.type_name == "list":
        if not isinstance(value, list):
            raise _unfit(place, "a list")
        return [_to_wire(each, shape.member, place) for each in value]
    if shape.type_name == "map":
        if not isinstance(value, dict):
            raise _unfit(place, "an object")
        return {key: _to_wire(each, shape.value, place) for key, each in value.items()}
    if shape.type_name == "blob":
        # A body is the JSON of its value: also a string, which is stored in quotes.
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    if shape.type_name == "string" and not isinstance(value, str):
        return json.dumps(value)
    return value


def _sdk_name(member: str) -> str:
    """A member as the SDK for Java names it, whose getters begin in lower case: ETag and VaultARN, but Acl and Id."""
    end = next((at for at, letter in enumerate(member) if not letter.isupper()), len(member))
    if end > 1 and end < len(member) and member[end].islower():
        end -= 1
    return member[:1].upper() + member[1:end].lower() + member[max(end, 1) :]


def _unfit(place: str, kind: str) -> Any:
    return failed("States.Runtime", f"The field {place!r} is not {kind}.")


def failed(error: str, cause: str) -> Any:
    return stepfunctions._ExecutionError(error, cause)


def _from_wire(value: Any, shape: Any) -> Any:
    if shape is None:
        return value
    if shape.type_name == "structure":
        return {
            _sdk_name(key): _from_wire(each, shape.members.get(key)) for key, each in value.items() if each is not None
        }
    if shape.type_name == "list":
        return [_from_wire(each, shape.member) for each in value]
    if shape.type_name == "map":
        return {key: _from_wire(each, shape.value) for key, each in value.items()}
    if isinstance(value, datetime.datetime):
        value = value.astimezone(datetime.timezone.utc)
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds").replace("+00:00", "Z")
    return value.decode("utf-8", errors="replace") if isinstance(value, (bytes, bytearray)) else value


def failure(service: str, answer: Answered) -> Any:
    """The error by the name of the SDK's exception: of its own for what the call's model names, else the service's."""
    prefix, error = _SERVICES[service][0], answer.error()
    name = error.name or prefix
    return failed(
        f"{prefix}.{name}" if name.endswith("Exception") else f"{prefix}.{name}Exception",
        f"{error.message} (Service: {prefix}, Status Code: {answer.status}, Request ID: {error.request})",
    )
