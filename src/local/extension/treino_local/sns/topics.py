"""Topics as AWS keeps them: names, attributes, tags, and when CreateTopic answers the topic that is there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import sns

from treino_local import patching
from treino_local.iam import policies, service_principals
from treino_local.sns.requests import answer, entries, invalid, same, tagged_topic_of, topic_of
from treino_local.types import Answer, Fields, Query

Handler = Callable[[Query], Answer]

TAGS = 50
POLICY_SIZE = 30 * 1024

_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_FIFO_NAME = re.compile(r"[A-Za-z0-9_-]{1,251}\.fifo")
# Codes as AWS sends them, for those MiniStack takes from the names of the exceptions.
_CODES = {"InvalidParameterException": "InvalidParameter", "ResourceNotFoundException": "ResourceNotFound"}
_SETTABLE = frozenset(
    {
        "DeliveryPolicy",
        "DisplayName",
        "Policy",
        "SignatureVersion",
        "TracingConfig",
        "KmsMasterKeyId",
        "ArchivePolicy",
        "ContentBasedDeduplication",
        "FifoThroughputScope",
        "DataProtectionPolicy",
    }
)
_OF_FIFO = frozenset({"ContentBasedDeduplication", "FifoThroughputScope", "ArchivePolicy"})
_CHOICES = {
    "SignatureVersion": ("1", "2"),
    "TracingConfig": ("PassThrough", "Active"),
    "ContentBasedDeduplication": ("true", "false"),
    "FifoThroughputScope": ("Topic", "MessageGroup"),
}
_DOCUMENTS = frozenset({"Policy", "DeliveryPolicy", "ArchivePolicy"})
_REMOVABLE = frozenset({"DeliveryPolicy", "KmsMasterKeyId", "ArchivePolicy"})
# What a topic has where nothing was said.
_ABSENT = {
    "FifoTopic": "false",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
    "ContentBasedDeduplication": "false",
}
_ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)
_DELIVERY = {
    "http": {
        "defaultHealthyRetryPolicy": {
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        },
        "disableSubscriptionOverrides": False,
        "defaultRequestPolicy": {"headerContentType": "text/plain; charset=UTF-8"},
    }
}


def install() -> None:
    patching.of(sns, "_topics")
    patching.function(sns, "_param_tags", "params")
    patching.function(sns, "_topic_by_arn_any_scope", "topic_arn")

    @patching.wrap(sns, "_error", "code", "message", "status")
    def error(original: Callable[..., Answer], code: str, message: str, status: int) -> Answer:
        if code == "NotFound":
            # AWS does not repeat what was asked for.
            message = message.partition(":")[0]
        elif code == "ResourceNotFoundException":
            message = "Resource does not exist"
        return original(_CODES.get(code, code), message, status)

    @patching.wrap(sns, "_get_topic", "topic_arn", "action")
    def get_topic(original: Any, topic_arn: str, action: str | None = None) -> Any:
        refused = _no_arn(topic_arn)
        return (None, refused) if refused else original(topic_arn, action)

    for name, handler in {
        "_create_topic": _create,
        "_delete_topic": _delete,
        "_set_topic_attributes": _set_attributes,
        "_tag_resource": _tag,
        "_list_tags_for_resource": _list_tags,
    }.items():
        patching.wrap(sns, name, "params")(handler)

    @patching.wrap(sns, "topic_policy_allows", "topic_arn", "service", "source_arn", "source_account")
    def topic_policy_allows(_original: Any, topic_arn: str, service: str, source_arn: str, account: str) -> bool:
        policy = (sns._topic_by_arn_any_scope(topic_arn) or {}).get("attributes", {}).get("Policy")
        owner = {"aws:SourceOwner": account}
        return service_principals.allowed(policy, service, "sns:Publish", topic_arn, source_arn, **owner)


def _no_arn(arn: str) -> Answer | None:
    parts = arn.count(":") + 1
    if parts >= 6:
        return None
    return invalid(f"TopicArn Reason: An ARN must have at least 6 elements, not {parts}")


def _create(original: Handler, params: Query) -> Answer:
    name, given, tags = sns._p(params, "Name"), entries(params), sns._param_tags(params)
    fifo = given.get("FifoTopic") == "true"
    if fifo and not _FIFO_NAME.fullmatch(name):
        return invalid(
            "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, "
            "numbers, underscores, and hyphens, and must be between 1 and 256 characters long."
        )
    if not fifo and not _NAME.fullmatch(name):
        return invalid("Topic Name")
    arn = f"arn:aws:sns:{get_region()}:{get_account_id()}:{name}"
    for each, value in given.items():
        wrong = None if each == "FifoTopic" else _fault(each, value, arn, fifo)
        if wrong:
            return invalid(wrong)
    wrong = _tags_fault(params, {})
    if wrong:
        return invalid(wrong)
    topic = sns._topics.get(arn)
    if topic is None:
        return _new(original, params, arn)
    has = {**_ABSENT, **topic["attributes"]}
    if not all(same(value, has.get(each, "")) for each, value in given.items()):
        return invalid("Attributes Reason: Topic already exists with different attributes")
    if any(topic["tags"].get(key) != value for key, value in tags.items()):
        return invalid("Tags Reason: Topic already exists with different tags")
    return original(params)


def _new(original: Handler, params: Query, arn: str) -> Answer:
    made = original(params)
    values, given = sns._topics[arn]["attributes"], entries(params)
    if "Policy" not in given:
        values["Policy"] = default_policy(arn)
    values["EffectiveDeliveryPolicy"] = json.dumps(_DELIVERY)
    for name in _REMOVABLE:
        if values.get(name) == "":
            del values[name]
    if values.get("FifoTopic") == "false":
        del values["FifoTopic"]
    return made


def default_policy(arn: str) -> str:
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in _ACTIONS],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": arn.split(":")[4]}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})


def _delete(original: Handler, params: Query) -> Answer:
    return _no_arn(sns._p(params, "TopicArn")) or original(params)


def _set_attributes(original: Handler, params: Query) -> Answer:
    topic, refused = topic_of(params, "sns:SetTopicAttributes")
    if refused is not None:
        return refused
    name, value = sns._p(params, "AttributeName"), sns._p(params, "AttributeValue")
    wrong = _fault(name, value, topic["arn"], topic["attributes"].get("FifoTopic") == "true")
    if wrong:
        return invalid(wrong)
    done = original(params)
    if name in _REMOVABLE and not value:
        topic["attributes"].pop(name, None)
    return done


def _fault(name: str, value: str, arn: str, fifo: bool) -> str | None:
    """What is wrong with an attribute's value, or None."""
    if name not in _SETTABLE or (name in _OF_FIFO and not fifo):
        return "AttributeName" if name else "Attribute Name must not be empty"
    if name in _CHOICES and value not in _CHOICES[name]:
        return f"{name} Reason: the value has to be one of {', '.join(_CHOICES[name])}"
    if name == "DisplayName" and (len(value) > 100 or "\n" in value):
        return "DisplayName Reason: at most 100 characters on one line"
    if name == "Policy":
        return _policy_fault(value, arn)
    if name in _DOCUMENTS and value:
        try:
            document = json.loads(value)
        except ValueError:
            document = None
        return None if isinstance(document, dict) else f"{name}: failed to parse JSON."
    return None


def _policy_fault(text: str, arn: str) -> str | None:
    if len(text.encode()) > POLICY_SIZE:
        return "Policy Reason: the policy is too long"
    found = policies.fault(text, "sns", None)
    if found is None:
        others = [each for each in policies.resources(text) if not iam_evaluator.fnmatch_iam_cs(arn, each)]
        return f"Policy Error: a resource is not {arn}: {others[0]}." if others else None
    if found.startswith("an action is"):
        return "Policy statement action out of service scope!"
    return f"Policy Error: {found}"


def _tag(original: Handler, params: Query) -> Answer:
    topic, refused = tagged_topic_of(params, "sns:TagResource")
    if refused is not None:
        return refused
    wrong = _tags_fault(params, topic["tags"])
    return invalid(wrong) if wrong else original(params)


def _list_tags(_original: Handler, params: Query) -> Answer:
    topic, refused = tagged_topic_of(params, "sns:ListTagsForResource")
    if refused is not None:
        return refused
    tags = "".join(
        f"<member><Key>{escape(key)}</Key><Value>{escape(value)}</Value></member>"
        for key, value in topic["tags"].items()
    )
    return answer("ListTagsForResource", f"<Tags>{tags}</Tags>")


def _tags_fault(params: Query, present: Fields) -> str | None:
    keys: list[str] = []
    while key := sns._p(params, f"Tags.member.{len(keys) + 1}.Key"):
        keys.append(key)
    tags = sns._param_tags(params)
    if len(keys) != len(tags):
        return "Duplicated keys are not allowed."
    for key, value in tags.items():
        if len(key) > 128 or len(value) > 256 or key.lower().startswith("aws:"):
            return f"Tags Reason: {key} is no valid tag."
    if len({**present, **tags}) > TAGS:
        return f"Tags Reason: a topic has at most {TAGS} tags."
    return None
