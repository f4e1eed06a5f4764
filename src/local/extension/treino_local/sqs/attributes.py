"""What AWS accepts as attributes of a queue, and what it answers of them."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import sqs

from treino_local import patching
from treino_local.iam import policies
from treino_local.sqs.errors import Error, bad_attribute, bad_parameter, unknown_attribute
from treino_local.types import Fields

patching.function(sqs, "_queue_by_arn", "arn")

POLICY_SIZE = 8192
SOURCE_QUEUES = 10

_RANGES = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, 1048576),
    "MessageRetentionPeriod": (60, 1209600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43200),
    "KmsDataKeyReusePeriodSeconds": (60, 86400),
}
_CHOICES = {
    "ContentBasedDeduplication": ("true", "false"),
    "SqsManagedSseEnabled": ("true", "false"),
    "DeduplicationScope": ("queue", "messageGroup"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
_DOCUMENTS = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
_OF_FIFO = ("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")
_SETTABLE = {*_RANGES, *_CHOICES, *_DOCUMENTS, "KmsMasterKeyId", "FifoQueue"}
_READABLE = _SETTABLE | {
    "All",
    "QueueArn",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
}
# What an empty text takes away.
REMOVABLE = (*_DOCUMENTS, "KmsMasterKeyId")
DEFAULTS = {"SqsManagedSseEnabled": "true"}
FIFO_DEFAULTS = {"DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"}


def check_names(names: list[str]) -> None:
    for name in names:
        if name not in _READABLE:
            raise unknown_attribute(name)


def checked(given: Fields, arn: str, fifo: bool, now: Fields) -> dict[str, str]:
    """The attributes as texts, for a queue that has those of `now`; raises what SQS says of the first wrong one."""
    found = {name: _text(value) for name, value in given.items()}
    for name, value in found.items():
        if name not in _SETTABLE:
            raise unknown_attribute(name)
        if name in REMOVABLE and not value:
            continue
        if name in _OF_FIFO and not fifo:
            raise Error("InvalidAttributeName", f"You can specify the {name} only when FifoQueue is set to true.")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise bad_attribute(name)
        _check_range(name, value)
        if name in _DOCUMENTS:
            _CHECKS[name](value, arn, fifo)
    merged = {**now, **found}
    if merged.get("FifoThroughputLimit") == "perMessageGroupId" and merged.get("DeduplicationScope") != "messageGroup":
        reason = "The perMessageGroupId value is allowed only when DeduplicationScope is set to messageGroup."
        raise bad_attribute("FifoThroughputLimit", reason)
    if found.get("KmsMasterKeyId"):
        if found.get("SqsManagedSseEnabled") == "true":
            raise _two_encryptions()
        found["SqsManagedSseEnabled"] = "false"
    elif found.get("SqsManagedSseEnabled") == "true" and now.get("KmsMasterKeyId") and "KmsMasterKeyId" not in found:
        raise _two_encryptions()
    return found


def same(name: str, one: str, other: str) -> bool:
    """Whether two values of an attribute mean the same."""
    if one == other or name not in _DOCUMENTS:
        return one == other
    try:
        return bool(_meant(name, one) == _meant(name, other))
    except ValueError:
        return False


def _meant(name: str, text: str) -> Any:
    document = json.loads(text)
    if name == "RedrivePolicy" and isinstance(document, dict):
        document = {**document, "maxReceiveCount": int(document["maxReceiveCount"])}
    return document


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def _check_range(name: str, value: str) -> None:
    if name not in _RANGES:
        return
    least, most = _RANGES[name]
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise bad_attribute(name)


def _two_encryptions() -> Exception:
    message = (
        "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."
    )
    return Error("InvalidAttributeName", message)


def _check_policy(text: str, arn: str, _fifo: bool) -> None:
    if len(text.encode()) > POLICY_SIZE or policies.fault(text, "sqs", None):
        raise bad_attribute("Policy")


def _check_redrive(text: str, arn: str, fifo: bool) -> None:
    def wrong(reason: str) -> Exception:
        return bad_parameter("RedrivePolicy", text, reason)

    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise wrong("Redrive policy is not a valid JSON map.")
    for name in ("deadLetterTargetArn", "maxReceiveCount"):
        if name not in policy:
            raise wrong(f"Redrive policy does not contain mandatory attribute: {name}.")
    unknown = set(policy) - {"deadLetterTargetArn", "maxReceiveCount"}
    if unknown:
        raise wrong("Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].")
    count, target = str(policy["maxReceiveCount"]), policy["deadLetterTargetArn"]
    if not count.isascii() or not count.isdigit() or not 1 <= int(count) <= 1000:
        raise wrong("Invalid value for maxReceiveCount: must be between 1 and 1000.")
    parts = target.split(":") if isinstance(target, str) else []
    if len(parts) != 6 or parts[:3] != ["arn", "aws", "sqs"] or parts[3:5] != arn.split(":")[3:5]:
        raise wrong("Invalid value for deadLetterTargetArn.")
    dead = sqs._queue_by_arn(target)
    if dead is None:
        raise wrong("Dead letter target does not exist.")
    if bool(dead["is_fifo"]) != fifo:
        raise wrong("Dead-letter queue must be same type of queue as the source.")
    if not _lets_redrive(dead["attributes"].get("RedriveAllowPolicy"), arn):
        raise wrong("Dead letter target does not allow this queue to redrive to it.")


def _lets_redrive(text: str | None, source: str) -> bool:
    policy = json.loads(text) if text else {}
    permission = policy.get("redrivePermission", "allowAll")
    return permission == "allowAll" or (permission == "byQueue" and source in policy.get("sourceQueueArns", []))


def _check_redrive_allow(text: str, _arn: str, _fifo: bool) -> None:
    def wrong(reason: str) -> Exception:
        return bad_parameter("RedriveAllowPolicy", text, reason)

    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise wrong("Amazon SQS can't create the redrive allow policy, as it's in an unsupported format.")
    permission, sources = policy.get("redrivePermission"), policy.get("sourceQueueArns")
    if permission not in ("allowAll", "denyAll", "byQueue"):
        raise wrong("Value of redrivePermission must be one of allowAll, denyAll and byQueue.")
    if (sources is not None) != (permission == "byQueue"):
        raise wrong("sourceQueueArns is given with byQueue, and only with it.")
    if sources is not None and (not isinstance(sources, list) or not 1 <= len(sources) <= SOURCE_QUEUES):
        raise wrong(f"Value of sourceQueueArns must be a list of 1 to {SOURCE_QUEUES} ARNs.")


_CHECKS = {"Policy": _check_policy, "RedrivePolicy": _check_redrive, "RedriveAllowPolicy": _check_redrive_allow}
