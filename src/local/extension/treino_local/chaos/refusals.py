"""Refusals for no reason of the caller's, each in the form in which its service gives them."""

import json
import uuid
from typing import Protocol
from xml.sax.saxutils import escape

from treino_local.types import Send

_RATE = "Rate exceeded"
_INTERNAL = "We encountered an internal error. Please try again."

# (status, code, message) by fault and service; for a service that is not named, what AWS's services have in common.
_REFUSALS: dict[str, dict[str | None, tuple[int, str, str]]] = {
    "throttle": {
        None: (400, "ThrottlingException", _RATE),
        "s3": (503, "SlowDown", "Please reduce your request rate."),
        "lambda": (429, "TooManyRequestsException", _RATE),
        "iam": (400, "Throttling", _RATE),
        "sts": (400, "Throttling", _RATE),
        "sns": (400, "Throttling", _RATE),
        "sqs": (403, "RequestThrottled", "Request is throttled."),
    },
    "fail": {
        None: (500, "InternalFailure", _INTERNAL),
        "s3": (500, "InternalError", _INTERNAL),
        "lambda": (500, "ServiceException", _INTERNAL),
        "dynamodb": (500, "InternalServerError", _INTERNAL),
        "sns": (500, "InternalError", _INTERNAL),
    },
}


class Call(Protocol):
    """What a refusal depends on."""

    service: str
    path: str
    headers: dict[bytes, str]

    @property
    def target(self) -> str | None: ...

    def is_form(self) -> bool: ...


def refusal(call: Call, fault: str) -> tuple[int, dict[str, str], str]:
    """The status, the headers and the body with which a call is refused."""
    of_fault = _REFUSALS[fault]
    status, code, message = of_fault.get(call.service, of_fault[None])
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-requestid": request_id}
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    origin = "Receiver" if status >= 500 else "Sender"
    if call.target:
        headers["content-type"] = call.headers.get(b"content-type", "application/x-amz-json-1.1")
        if call.service == "sqs":
            # The code that SDKs show.
            headers["x-amzn-query-error"] = f"{code};{origin}"
        return status, headers, json.dumps({"__type": code, "message": message})
    if call.is_form():
        headers["content-type"] = "text/xml"
        error = f"<Error><Type>{origin}</Type>{error}</Error><RequestId>{request_id}</RequestId>"
        return status, headers, f"<ErrorResponse>{error}</ErrorResponse>"
    if call.service == "s3":
        headers = {"x-amz-request-id": request_id, "content-type": "application/xml"}
        # S3 Control, which signs as S3.
        if call.path.startswith("/v20180820/"):
            return status, headers, f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
        error += f"<RequestId>{request_id}</RequestId>"
        return status, headers, f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{error}</Error>'
    headers |= {"content-type": "application/json", "x-amzn-errortype": code}
    kind = "Service" if status >= 500 else "User"
    body: dict[str, str] = {"Type": kind, "message": message}
    if call.service == "glacier":
        body = {"code": code, "message": message, "type": "Server" if status >= 500 else "Client"}
    elif code == "TooManyRequestsException":
        body["Reason"] = "CallerRateLimitExceeded"
    return status, headers, json.dumps(body)


async def answer(send: Send, method: str, status: int, headers: dict[str, str], text: str) -> None:
    """Answers a request; to HEAD there is no body."""
    body = b"" if method == "HEAD" else text.encode()
    headers = headers | {"content-length": str(len(body))}
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
