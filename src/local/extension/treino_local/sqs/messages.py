"""Messages: what SendMessage and DeleteMessage refuse, and what services send to queues."""

from __future__ import annotations

import contextvars
import time
import uuid
from collections.abc import Callable
from typing import Any

from ministack.core.arn import ArnParseError, parse_arn
from ministack.core.responses import request_scope
from ministack.services import sqs

from treino_local import patching
from treino_local.iam import service_principals
from treino_local.sqs.errors import Error, bad_parameter
from treino_local.types import Fields

# Whether a service sends, which `deliver` has asked the policy about.
_by_service: contextvars.ContextVar[bool] = contextvars.ContextVar("sqs-by-service", default=False)

# Told of what a service has sent, which no request shows.
listeners: list[Callable[[], None]] = []


class Refused(Exception):
    """Nothing was delivered; the code is the one EventBridge gives to a dead-letter queue."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def install() -> None:
    patching.function(sqs, "_queue_by_arn", "arn")
    patching.entry(sqs, "_HANDLERS", "SendMessage")(_send)
    patching.entry(sqs, "_HANDLERS", "DeleteMessage")(_delete)
    patching.entry(sqs, "_HANDLERS", "DeleteMessageBatch")(_delete_batch)

    @patching.wrap(sqs, "_enforce_queue_policy", "q", "iam_action")
    def enforce_queue_policy(original: Callable[..., None], queue: Fields, action: str) -> None:
        if not _by_service.get():
            original(queue, action)

    @patching.wrap(sqs, "queue_policy_allows", "queue_arn", "service", "source_arn", "source_account")
    def queue_policy_allows(_original: Any, queue_arn: str, service: str, source_arn: str, _account: str) -> bool:
        queue = sqs._queue_by_arn(queue_arn)
        return queue is not None and _lets_send(queue, service, source_arn)


def deliver(arn: str, service: str, source: str, message: Fields) -> None:
    """Sends it as the service, for the resource `source`; raises Refused where the queue's policy does not let it."""
    try:
        queue = sqs._queue_by_arn(arn)
    except (ArnParseError, AttributeError):
        queue = None
    if queue is None:
        raise Refused("NO_RESOURCE", f"there is no queue {arn}")
    if not _lets_send(queue, service, source):
        raise Refused("NO_PERMISSIONS", f"the policy of {arn} does not let {service} send to it for {source}")
    place = parse_arn(arn)

    def send() -> None:
        _by_service.set(True)
        with request_scope(place.account_id, place.region):
            sqs._HANDLERS["SendMessage"]({"QueueUrl": queue["url"], **message}, queue["url"])

    try:
        # Of nothing that was asked before: the caller is the service.
        contextvars.Context().run(send)
    except Error as error:
        raise Refused("SDK_CLIENT_ERROR", f"{arn} refuses it: {error}") from None
    for told in listeners:
        told()


def _lets_send(queue: Fields, service: str, source: str) -> bool:
    values = queue["attributes"]
    policy, arn = values.get("Policy"), values["QueueArn"]
    return bool(policy) and service_principals.allowed(policy, service, "sqs:SendMessage", arn, source)


def _send(original: Any, data: Fields, url: str) -> Fields:
    delay = data.get("DelaySeconds")
    if delay is not None and not 0 <= int(delay) <= 900:
        raise bad_parameter("DelaySeconds", delay, "DelaySeconds must be >= 0 and <= 900.")
    answer: Fields = original(data, url)
    return answer


def _delete(original: Any, data: Fields, url: str) -> Fields:
    """A message that is gone is deleted again; of a FIFO queue, one whose visibility timeout has passed is not."""
    queue = sqs._get_q(data.get("QueueUrl", url), "sqs:DeleteMessage")
    handle = data.get("ReceiptHandle") or ""
    found = _by_handle(queue, handle)
    if found is None and _is_handle(handle):
        return {}
    if found and queue["is_fifo"] and found["visible_at"] <= time.time():
        raise bad_parameter("ReceiptHandle", handle, "The receipt handle has expired.")
    answer: Fields = original(data, url)
    return answer


def _delete_batch(original: Any, data: Fields, url: str) -> Fields:
    queue = sqs._get_q(data.get("QueueUrl", url), "sqs:DeleteMessage")
    handles = {each.get("Id"): each.get("ReceiptHandle") or "" for each in data.get("Entries") or []}
    gone = {name for name, handle in handles.items() if _is_handle(handle) and _by_handle(queue, handle) is None}
    answer: Fields = original(data, url)
    failed = answer.get("Failed", [])
    answer["Failed"] = [each for each in failed if each["Id"] not in gone]
    answer["Successful"] = answer.get("Successful", []) + [{"Id": each["Id"]} for each in failed if each["Id"] in gone]
    return answer


def _by_handle(queue: Fields, handle: str) -> Fields | None:
    return next((each for each in queue["messages"] if handle and each.get("receipt_handle") == handle), None)


def _is_handle(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
