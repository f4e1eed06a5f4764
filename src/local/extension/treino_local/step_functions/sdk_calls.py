"""`arn:aws:states:::aws-sdk:s3:*` and `aws-sdk:glacier:*` in definitions: every call of the two services.

MiniStack knows a dozen calls of S3, none of them with a body. Here the request is written, and the
answer read, by the service's model as botocore carries it; names and values are those of the AWS SDK
for Java, as Step Functions shows them.
"""

import base64
import datetime
import hashlib
import json
from urllib.parse import parse_qs, unquote

from ministack import app
from ministack.core import responses
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import stepfunctions

from treino_local import patching
from treino_local.s3 import directory_names

# The largest result a state may have.
RESULT_LIMIT = 256 * 1024

# By the name in the ARN: how Step Functions calls the service in errors.
_SERVICES = {"s3": "S3", "glacier": "Glacier"}

# What is meant where a parameter is not given. The account is filled in by the SDK for Java; a session's
# mode says that the session was asked for, and not by an SDK on its way to another call.
_DEFAULTS = {"glacier": {"AccountId": "-"}, "CreateSession": {"SessionMode": "ReadWrite"}}

# A HEAD has no body to name its error in.
_NOT_FOUND = {"HeadObject": "NoSuchKey", "HeadBucket": "NoSuchBucket"}


def install():
    patching.function(app, "call_service_handler_sync", "handler", "method", "path", "headers", "body", "query_params")
    patching.function(responses, "_service_model", "service")
    patching.of(stepfunctions, "_ExecutionError", type)

    @patching.wrap(stepfunctions, "_invoke_aws_sdk_integration", "resource", "input_data")
    def invoke_aws_sdk_integration(original, resource, input_data):
        parts = resource.removesuffix(".waitForTaskToken").split(":")
        if len(parts) == 8 and parts[6] in _SERVICES:
            return call(parts[6], parts[7], input_data)
        return original(resource, input_data)


def call(service, action, parameters):
    model = responses._service_model(service)
    name = action[:1].upper() + action[1:]
    if model is None or name not in model.operation_names or action[:1].isupper():
        raise stepfunctions._ExecutionError(
            "States.Runtime", f"The resource arn:aws:states:::aws-sdk:{service}:{action} does not exist."
        )
    operation = model.operation_model(name)
    parameters = {**_DEFAULTS.get(service, {}), **_DEFAULTS.get(name, {}), **(parameters or {})}
    sent = request(operation, _to_wire(parameters, operation.input_shape, name))
    status, headers, body = app.call_service_handler_sync(app.SERVICE_HANDLERS[service], *sent)
    if status >= 300:
        raise failure(service, operation, status, headers, body)
    parsed = _parsed(operation, operation.output_shape, status, headers, body)
    parsed.pop("ResponseMetadata", None)
    result = _from_wire(parsed, operation.output_shape) if operation.output_shape else {}
    if len(json.dumps(result).encode()) > RESULT_LIMIT:
        raise stepfunctions._ExecutionError(
            "States.DataLimitExceeded",
            f"The state/task 'arn:aws:states:::aws-sdk:{service}:{action}' returned a result with a size exceeding "
            "the maximum number of bytes service limit.",
        )
    return result


def _parsed(operation, shape, status, headers, body):
    # Not at the top: only the first call needs botocore, and the start should not wait for it.
    from botocore import parsers
    from botocore.awsrequest import HeadersDict

    answer = {"status_code": status, "headers": HeadersDict(headers), "body": body}
    return parsers.create_parser(operation.service_model.metadata["protocol"]).parse(answer, shape)


def request(operation, parameters):
    """Method, path, headers, body and query, as MiniStack's handlers take them."""
    from botocore import serialize

    service = operation.service_model.metadata
    serializer = serialize.create_serializer(service["protocol"], include_validation=False)
    written = serializer.serialize_to_request(parameters, operation)
    path, _, query = written["url_path"].partition("?")
    query = parse_qs(query, keep_blank_values=True)
    for key, value in dict(written["query_string"]).items():
        query[key] = [str(each) for each in value] if isinstance(value, list) else [str(value)]
    headers = {key.lower(): str(value) for key, value in written["headers"].items()}
    body = written["body"].encode() if isinstance(written["body"], str) else bytes(written["body"])
    # The account of the execution, which is also what a 12-digit access key stands for.
    signed_for = "s3express" if _of_directory(operation, parameters) else service["endpointPrefix"]
    scope = f"{get_account_id()}/20260101/{get_region()}/{signed_for}/aws4_request"
    headers["host"] = f"{service['endpointPrefix']}.{get_region()}.amazonaws.com"
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}"
    if body:
        headers["content-length"] = str(len(body))
        headers["content-md5"] = base64.b64encode(hashlib.md5(body).digest()).decode()
    return written["method"], unquote(path), headers, body, query


def _of_directory(operation, parameters):
    bucket = parameters.get("Bucket", "")
    return operation.name == "ListDirectoryBuckets" or (
        isinstance(bucket, str) and directory_names.is_directory(bucket)
    )


def _to_wire(value, shape, place):
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        if not isinstance(value, dict):
            raise _unfit(place, "an object")
        names = {_sdk_name(member): member for member in shape.members}
        unknown = [key for key in value if key not in names]
        if unknown:
            raise stepfunctions._ExecutionError(
                "States.Runtime", f"The field {unknown[0]!r} of {place} is not supported by Step Functions."
            )
        missing = [key for key, member in names.items() if member in shape.required_members and key not in value]
        if missing:
            raise stepfunctions._ExecutionError("States.Runtime", f"The field {missing[0]!r} of {place} is required.")
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


def _sdk_name(member):
    """A member as the SDK for Java names it, whose getters begin in lower case: ETag and VaultARN, but Acl and Id."""
    end = next((at for at, letter in enumerate(member) if not letter.isupper()), len(member))
    if end > 1 and end < len(member) and member[end].islower():
        end -= 1
    return member[:1].upper() + member[1:end].lower() + member[max(end, 1):]


def _unfit(place, kind):
    return stepfunctions._ExecutionError("States.Runtime", f"The field {place!r} is not {kind}.")


def _from_wire(value, shape):
    if shape is None:
        return value
    if shape.type_name == "structure":
        return {
            _sdk_name(key): _from_wire(each, shape.members.get(key))
            for key, each in value.items() if each is not None
        }
    if shape.type_name == "list":
        return [_from_wire(each, shape.member) for each in value]
    if shape.type_name == "map":
        return {key: _from_wire(each, shape.value) for key, each in value.items()}
    if isinstance(value, datetime.datetime):
        value = value.astimezone(datetime.timezone.utc)
        return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds").replace("+00:00", "Z")
    return value.decode("utf-8", errors="replace") if isinstance(value, (bytes, bytearray)) else value


def failure(service, operation, status, headers, body):
    """The error by the name of the SDK's exception: of its own for what the call's model names, else the service's."""
    prefix = _SERVICES[service]
    model = operation.service_model
    error = _parsed(operation, None, status, headers, body).get("Error", {})
    code = _NOT_FOUND.get(operation.name, error.get("Code", "")) if status == 404 else error.get("Code", "")
    modelled = {shape.metadata.get("error", {}).get("code", shape.name): shape.name for shape in model.error_shapes}
    name = modelled.get(code, prefix)
    message = error.get("Message") or code or f"status {status}"
    request = headers.get("x-amz-request-id") or new_uuid()
    return stepfunctions._ExecutionError(
        f"{prefix}.{name}" if name.endswith("Exception") else f"{prefix}.{name}Exception",
        f"{message} (Service: {prefix}, Status Code: {status}, Request ID: {request})",
    )
