"""Subscriptions as AWS keeps them: which endpoints, which attributes, what waits for a confirmation, and lists."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator
from ministack.core.responses import new_uuid
from ministack.services import sns

from treino_local import patching
from treino_local.sns.requests import answer, entries, invalid, same, topic_of
from treino_local.types import Answer, Fields, Query

Handler = Callable[[Query], Answer]

PAGE = 100

# Of each protocol the form of its endpoints, and how the error calls them.
_ENDPOINTS = {
    "sqs": (r"arn:aws:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?", "SQS endpoint ARN"),
    "lambda": (r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[$A-Za-z0-9_-]+)?", "Lambda endpoint ARN"),
    "email": (r"[^@\s]+@[^@\s]+", "Email address"),
    "email-json": (r"[^@\s]+@[^@\s]+", "Email address"),
    "http": (r"http://.+", "Unreachable Endpoint"),
    "https": (r"https://.+", "Unreachable Endpoint"),
    "sms": (r"\+?[0-9().\s-]{5,20}", "Invalid SMS endpoint"),
    "application": (r"arn:aws:sns:.+", "Application endpoint ARN"),
    "firehose": (r"arn:aws:firehose:.+", "Firehose endpoint ARN"),
}
_SETTABLE = frozenset(
    {
        "DeliveryPolicy",
        "FilterPolicy",
        "FilterPolicyScope",
        "RawMessageDelivery",
        "RedrivePolicy",
        "ReplayPolicy",
        "SubscriptionRoleArn",
    }
)
_DOCUMENTS = ("DeliveryPolicy", "FilterPolicy", "RedrivePolicy", "ReplayPolicy")
_CHOICES = {"RawMessageDelivery": ("true", "false"), "FilterPolicyScope": ("MessageAttributes", "MessageBody")}
_ABSENT = {"RawMessageDelivery": "false", "FilterPolicyScope": "MessageAttributes"}
_PENDING = "PendingConfirmation"


def install() -> None:
    patching.of(sns, "_sub_arn_to_topic")
    patching.function(sns, "_find_subscription", "topic_arn", "sub_arn")
    patching.function(sns, "_refresh_subscription_counts", "topic")
    for name, handler in {
        "_subscribe": _subscribe,
        "_unsubscribe": _unsubscribe,
        "_list_subscriptions": _list,
        "_list_subscriptions_by_topic": _list_of_topic,
        "_set_subscription_attributes": _set_attributes,
    }.items():
        patching.wrap(sns, name, "params")(handler)


def _subscribe(original: Handler, params: Query) -> Answer:
    topic, refused = topic_of(params, "sns:Subscribe")
    if refused is not None:
        return refused
    protocol, endpoint, given = sns._p(params, "Protocol"), sns._p(params, "Endpoint"), entries(params)
    wrong = _fault(topic, protocol, endpoint, given)
    if wrong:
        return invalid(wrong)
    present = _found(topic, protocol, endpoint)
    if present:
        has = {**_ABSENT, **present["attributes"]}
        if not all(same(value, has.get(name, "")) for name, value in given.items()):
            return invalid("Attributes Reason: Subscription already exists with different attributes")
    answered = original(params)
    made = _found(topic, protocol, endpoint)
    if answered[0] != 200 or made is None:
        return answered
    if not present:
        _complete(topic, made)
    pending = not made["confirmed"] and sns._p(params, "ReturnSubscriptionArn") != "true"
    arn = "pending confirmation" if pending else made["arn"]
    return answer("Subscribe", f"<SubscriptionArn>{arn}</SubscriptionArn>")


def _found(topic: Fields, protocol: str, endpoint: str) -> Fields | None:
    each: Fields
    for each in topic["subscriptions"]:
        if (each["protocol"], each["endpoint"]) == (protocol, endpoint):
            return each
    return None


def _complete(topic: Fields, made: Fields) -> None:
    values = made["attributes"]
    values["SubscriptionPrincipal"] = iam_evaluator.caller_arn()
    for name in _DOCUMENTS:
        if values.get(name) == "":
            del values[name]
    if made["protocol"].startswith("email"):
        # The mail that would ask for it is not sent, so it is never confirmed.
        made.update(confirmed=False, token=new_uuid())
        values.update(PendingConfirmation="true", ConfirmationWasAuthenticated="false")
    _settle_scope(values)
    sns._refresh_subscription_counts(topic)


def _settle_scope(values: Fields) -> None:
    """A scope is shown with a filter policy, and only with one."""
    if "FilterPolicy" in values:
        values.setdefault("FilterPolicyScope", _ABSENT["FilterPolicyScope"])
    else:
        values.pop("FilterPolicyScope", None)


def _fault(topic: Fields, protocol: str, endpoint: str, given: dict[str, str]) -> str | None:
    if protocol not in _ENDPOINTS:
        return f"Amazon SNS does not support this protocol string: {protocol}"
    form, name = _ENDPOINTS[protocol]
    if not re.fullmatch(form, endpoint):
        return name
    fifo = topic["attributes"].get("FifoTopic") == "true"
    if protocol == "sqs" and endpoint.endswith(".fifo") and not fifo:
        return "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics"
    if fifo and protocol != "sqs":
        return "Invalid parameter: Endpoint Reason: Please use FIFO SQS queue"
    return next((wrong for each, value in given.items() if (wrong := _attribute_fault(each, value))), None)


def _attribute_fault(name: str, value: str) -> str | None:
    if name not in _SETTABLE:
        return "AttributeName" if name else "AttributeName Reason: Attribute name must not be empty"
    if name in _CHOICES and value not in _CHOICES[name]:
        return f"{name}: Invalid value [{value}]. Must be one of {', '.join(_CHOICES[name])}."
    if name not in _DOCUMENTS or not value:
        return None
    try:
        document = json.loads(value)
    except ValueError:
        return f"{name}: failed to parse JSON."
    if not isinstance(document, dict):
        return f"{name}: failed to parse JSON."
    if name == "RedrivePolicy" and not re.fullmatch(_ENDPOINTS["sqs"][0], str(document.get("deadLetterTargetArn"))):
        return "RedrivePolicy: deadLetterTargetArn is an invalid arn"
    return None


def _set_attributes(original: Handler, params: Query) -> Answer:
    name, value = sns._p(params, "AttributeName"), sns._p(params, "AttributeValue")
    wrong = _attribute_fault(name, value)
    if wrong:
        return invalid(wrong)
    done = original(params)
    arn = sns._p(params, "SubscriptionArn")
    found = sns._find_subscription(sns._sub_arn_to_topic.get(arn) or "", arn)
    if found:
        values = found["attributes"]
        if name in _DOCUMENTS and (not value or json.loads(value) == {}):
            values.pop(name, None)
        _settle_scope(values)
    return done


def _unsubscribe(original: Handler, params: Query) -> Answer:
    parts = sns._p(params, "SubscriptionArn").count(":") + 1
    if parts < 7:
        reason = f"An ARN must have at least 6 elements, not {parts}" if parts < 6 else "An ARN of a topic is none"
        return invalid(f"SubscriptionArn Reason: {reason}")
    return original(params)


def _list(_original: Handler, params: Query) -> Answer:
    found = [each for topic in sns._topics.values() for each in topic["subscriptions"]]
    return _page(params, "ListSubscriptions", found)


def _list_of_topic(_original: Handler, params: Query) -> Answer:
    topic, refused = topic_of(params, "sns:ListSubscriptionsByTopic")
    if refused is not None:
        return refused
    return _page(params, "ListSubscriptionsByTopic", topic["subscriptions"])


def _page(params: Query, operation: str, found: list[Fields]) -> Answer:
    token = sns._p(params, "NextToken")
    begin = int(token) if token.isascii() and token.isdigit() else 0
    members = "".join(_member(each) for each in found[begin : begin + PAGE])
    more = f"<NextToken>{begin + PAGE}</NextToken>" if begin + PAGE < len(found) else ""
    return answer(operation, f"<Subscriptions>{members}</Subscriptions>{more}")


def _member(each: Fields) -> str:
    values = {
        "SubscriptionArn": each["arn"] if each["confirmed"] else _PENDING,
        "Owner": each["owner"],
        "Protocol": each["protocol"],
        "Endpoint": each["endpoint"],
        "TopicArn": each["topic_arn"],
    }
    return "<member>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items()) + "</member>"
