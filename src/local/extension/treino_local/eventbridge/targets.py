"""Targets of rules: functions, queues and topics get an event only if their own policy lets EventBridge.

As on AWS, PutTargets asks nobody and a refusal is silent: the metric FailedInvocations counts it, the target's
dead-letter queue gets the event, and the local AWS's log says why.
"""

from __future__ import annotations

import contextvars
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import error_response_json, get_region
from ministack.services import cloudwatch, eventbridge, sns

from treino_local import patching
from treino_local.functions import invoked
from treino_local.iam import service_principals
from treino_local.sqs import messages
from treino_local.types import Answer, Fields, Handler

logger = logging.getLogger("treino.eventbridge")

TARGETS = 5

_EVENTS = "events.amazonaws.com"
_QUEUE = re.compile(r"arn:aws:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}")


@dataclass
class _Delivery:
    """What is delivered, and for which rule."""

    rule: str
    name: str
    target: Fields
    event: str


_under_way: contextvars.ContextVar[_Delivery] = contextvars.ContextVar("eventbridge-delivery")


def install() -> None:
    patching.function(eventbridge, "_pattern_event_view", "event")
    patching.function(eventbridge, "_rule_key", "rule_name", "bus_name")
    patching.of(eventbridge, "_targets")
    patching.function(cloudwatch, "record_metric", "namespace", "metric_name", "value")
    patching.wrap(eventbridge, "_put_targets", "data")(_put_targets)
    patching.wrap(eventbridge, "_invoke_target", "target", "event", "rule", "view")(_invoke_target)

    @patching.wrap(eventbridge, "_dispatch_to_lambda", "arn", "payload")
    def dispatch_to_lambda(_original: Any, arn: str, payload: str) -> None:
        rule = _under_way.get().rule
        _deliver(lambda: invoked.by_service(arn, _EVENTS, rule, _parsed(payload)))

    @patching.wrap(eventbridge, "_dispatch_to_sqs", "spec", "payload", "sqs_parameters")
    def dispatch_to_sqs(_original: Any, spec: Any, payload: str, sqs_parameters: Fields | None = None) -> None:
        group = (sqs_parameters or {}).get("MessageGroupId")
        message = {"MessageBody": payload, **({"MessageGroupId": group} if group else {})}
        rule = _under_way.get().rule
        _deliver(lambda: messages.deliver(str(spec), _EVENTS, rule, message))

    @patching.wrap(eventbridge, "_dispatch_to_sns", "arn", "payload")
    def dispatch_to_sns(_original: Any, arn: str, payload: str) -> None:
        _deliver(lambda: _publish(arn, payload))


def _parsed(payload: str) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload


def _publish(arn: str, payload: str) -> None:
    topic = sns._topic_by_arn_any_scope(arn)
    if topic is None:
        raise messages.Refused("NO_RESOURCE", f"there is no topic {arn}")
    # No source is said: AWS's documentation knows no conditions in a topic's policy for EventBridge.
    if not service_principals.allowed(topic["attributes"].get("Policy"), _EVENTS, "sns:Publish", arn):
        raise messages.Refused("NO_PERMISSIONS", f"the policy of {arn} does not let {_EVENTS} publish to it")
    try:
        sns.publish_internal(arn, payload)
    except sns.SnsPublishError as error:
        raise messages.Refused("SDK_CLIENT_ERROR", f"{arn} refuses it: {error}") from None


def _invoke_target(
    original: Callable[..., None], target: Fields, event: Fields, rule: Fields, view: Any = None
) -> None:
    view = view or eventbridge._pattern_event_view(event)
    under_way = _Delivery(rule["Arn"], rule["Name"], target, json.dumps(view.event_with_detail()))
    token = _under_way.set(under_way)
    try:
        original(target, event, rule, view)
    finally:
        _under_way.reset(token)


def _deliver(how: Callable[[], None]) -> None:
    under_way = _under_way.get()
    try:
        how()
        return
    except messages.Refused as refused:
        failed = refused
    logger.warning("rule %s: an event was not delivered: %s", under_way.name, failed)
    cloudwatch.record_metric("AWS/Events", "FailedInvocations", 1, "Count", {"RuleName": under_way.name})
    arn = (under_way.target.get("DeadLetterConfig") or {}).get("Arn")
    if not arn:
        return
    texts = {
        "RULE_ARN": under_way.rule,
        "TARGET_ARN": under_way.target["Arn"],
        "ERROR_CODE": failed.code,
        "ERROR_MESSAGE": str(failed),
    }
    attributes = {name: {"DataType": "String", "StringValue": text} for name, text in texts.items()}
    try:
        message = {"MessageBody": under_way.event, "MessageAttributes": attributes}
        messages.deliver(arn, _EVENTS, under_way.rule, message)
    except messages.Refused as refused:
        logger.warning("rule %s: its dead-letter queue did not get the event either: %s", under_way.name, refused)


def _put_targets(original: Handler, data: Fields) -> Answer:
    given = data.get("Targets") or []
    wrong = next((found for each in given if (found := _fault(each))), None)
    if wrong:
        return _error("ValidationException", wrong)
    key = eventbridge._rule_key(data.get("Rule"), data.get("EventBusName", "default"))
    names = {each["Id"] for each in [*eventbridge._targets.get(key, []), *given]}
    if len(names) > TARGETS:
        return _error("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    return original(data)


def _fault(target: Fields) -> str | None:
    arn, name = str(target.get("Arn", "")), target.get("Id", "")
    inputs = [each for each in ("Input", "InputPath", "InputTransformer") if target.get(each)]
    if len(inputs) > 1:
        return f"Only one of Input, InputPath, or InputTransformer must be provided for target {name}."
    fifo = ":sqs:" in arn and arn.endswith(".fifo")
    if fifo and not (target.get("SqsParameters") or {}).get("MessageGroupId"):
        return f"Parameter(s) MessageGroupId must be specified for target: {name}."
    if ":sns:" in arn and arn.endswith(".fifo"):
        return f"Parameter {arn} is not valid. Reason: FIFO topics are not supported."
    dead = (target.get("DeadLetterConfig") or {}).get("Arn")
    if dead is None:
        return None
    if not _QUEUE.fullmatch(dead) or dead.split(":")[3] != get_region():
        return f"Parameter DeadLetterConfig of target {name} is not valid. Reason: a standard queue of the region."
    return None


def _error(code: str, message: str) -> Answer:
    answer: Answer = error_response_json(code, message, 400)
    return answer
