"""`arn:aws:states:::sns:publish` and `arn:aws:states:::sqs:sendMessage`, also with `.waitForTaskToken`."""

from __future__ import annotations

import email.utils
import uuid
from dataclasses import dataclass
from typing import Any

from treino_local.step_functions import sdk_calls
from treino_local.step_functions.documents import dump
from treino_local.types import Fields


@dataclass
class _Call:
    service: str
    operation: str
    # What may be any JSON, of which the text is sent.
    body: str
    # The beginning of the names of its errors, and the service as the SDK for Java 1.x calls it.
    prefix: str
    name: str
    content_type: str


CALLS = {
    "arn:aws:states:::sns:publish": _Call("sns", "Publish", "Message", "SNS", "AmazonSNS", "text/xml"),
    "arn:aws:states:::sqs:sendMessage": _Call(
        "sqs", "SendMessage", "MessageBody", "SQS", "AmazonSQS", "application/x-amz-json-1.0"
    ),
}


def call(resource: str, arguments: Any) -> Fields:
    """The result of one of CALLS; raises MiniStack's _ExecutionError."""
    made = CALLS[resource]
    parameters = dict(arguments) if isinstance(arguments, dict) else {}
    text = parameters.get(made.body)
    if text is not None and not isinstance(text, str):
        parameters[made.body] = dump(text)
    answer = sdk_calls.answered(made.service, made.operation, parameters)
    if answer.status >= 300:
        raise _failure(made, answer)
    request = str(uuid.uuid4())
    headers = {
        "Content-Length": str(len(answer.body)),
        "Content-Type": made.content_type,
        "Date": email.utils.formatdate(usegmt=True),
        "x-amzn-RequestId": request,
    }
    return {
        **answer.parsed,
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": answer.status,
        },
        "SdkResponseMetadata": {"RequestId": request},
    }


def _failure(made: _Call, answer: sdk_calls.Answered) -> Any:
    found = answer.error()
    name = f"{found.name.removesuffix('Exception')}Exception" if found.name else f"{made.name}Exception"
    cause = (
        f"{found.message} (Service: {made.name}; Status Code: {answer.status}; Error Code: {found.code}; "
        f"Request ID: {found.request}; Proxy: null)"
    )
    return sdk_calls.failed(f"{made.prefix}.{name}", cause)
