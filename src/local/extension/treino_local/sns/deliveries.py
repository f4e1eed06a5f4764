"""What a topic's subscribers get: only who lets SNS, with AWS's envelopes; what is refused goes to a dead-letter queue.

A queue's or function's own policy is asked, with and without AUTH=true. What is not delivered, the log says.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ministack.services import sns, sqs

from treino_local import patching
from treino_local.functions import invoked
from treino_local.sqs import messages
from treino_local.types import Fields

logger = logging.getLogger("treino.sns")

_SNS = "sns.amazonaws.com"
# Nobody verifies it: the certificate's address leads nowhere.
_SIGNATURE = base64.b64encode(b"the local AWS signs nothing").decode()


def install() -> None:
    patching.function(sns, "_resolve_message_for_protocol", "message", "message_structure", "protocol")
    patching.function(sns, "_matches_filter_policy", "sub", "message_attributes", "message")
    patching.function(sns, "_deliver_to_http", "endpoint", "payload")

    @patching.wrap(sns, "_fanout", "topic_arn", "msg_id", "message", "subject", "message_structure")
    def fanout(
        _original: Callable[..., None],
        topic_arn: str,
        msg_id: str,
        message: str,
        subject: str,
        message_structure: str = "",
        message_attributes: Fields | None = None,
        message_group_id: str = "",
        message_dedup_id: str = "",
    ) -> None:
        topic = sns._topic_by_arn_any_scope(topic_arn)
        fifo = {"MessageGroupId": message_group_id, "MessageDeduplicationId": message_dedup_id}
        version = topic["attributes"].get("SignatureVersion", "1") if topic else ""
        for subscription in list(topic["subscriptions"]) if topic else ():
            protocol = subscription["protocol"]
            text = sns._resolve_message_for_protocol(message, message_structure, protocol)
            attributes = message_attributes or {}
            if subscription["confirmed"] and sns._matches_filter_policy(subscription, attributes, text):
                _Delivery(subscription, version, msg_id, text, subject, attributes, fifo).run()


class _Delivery:
    """One message to one subscriber."""

    def __init__(
        self,
        subscription: Fields,
        version: str,
        number: str,
        text: str,
        subject: str,
        attributes: Fields,
        fifo: dict[str, str],
    ) -> None:
        self.subscription, self.version, self.number = subscription, version, number
        self.text, self.subject = text, subject
        self.attributes, self.fifo = attributes, {name: value for name, value in fifo.items() if value}
        self.topic: str = subscription["topic_arn"]
        self.endpoint: str = subscription["endpoint"]
        self.raw = subscription["attributes"].get("RawMessageDelivery") == "true"

    def run(self) -> None:
        protocol = self.subscription["protocol"]
        try:
            if protocol == "sqs":
                self._to_queue(self.endpoint)
            elif protocol == "lambda":
                self._to_function()
            elif protocol in ("http", "https"):
                body = self.text if self.raw else json.dumps(self._envelope())
                run = (sns._deliver_to_http(self.endpoint, body),)
                threading.Thread(target=asyncio.run, args=run, daemon=True).start()
            else:
                logger.info("a message of %s is not sent by %s: nothing leaves this machine", self.topic, protocol)
        except messages.Refused as refused:
            logger.warning("a message of %s was not delivered: %s", self.topic, refused)
            self._to_dead_letters()

    def _to_queue(self, arn: str) -> None:
        message: Fields = {"MessageBody": self.text if self.raw else json.dumps(self._envelope())}
        if self.raw and self.attributes:
            message["MessageAttributes"] = {name: _for_queue(each) for name, each in self.attributes.items()}
        if arn.endswith(".fifo"):
            message |= self.fifo
        messages.deliver(arn, _SNS, self.topic, message)

    def _to_function(self) -> None:
        envelope = self._envelope()
        event = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": self.subscription["arn"],
            "Sns": {
                **{name.replace("URL", "Url"): value for name, value in envelope.items()},
                # To a function they always come.
                "Subject": self.subject or None,
                "MessageAttributes": envelope.get("MessageAttributes", {}),
            },
        }
        invoked.by_service(self.endpoint, _SNS, self.topic, {"Records": [event]})

    def _to_dead_letters(self) -> None:
        policy = self.subscription["attributes"].get("RedrivePolicy")
        arn = json.loads(policy).get("deadLetterTargetArn") if policy else None
        if not arn:
            return
        try:
            self._to_queue(arn)
        except messages.Refused as refused:
            logger.warning("a message of %s did not reach its dead-letter queue either: %s", self.topic, refused)

    def _envelope(self) -> Fields:
        region = self.topic.split(":")[3]
        here = f"http://{sqs._CANONICAL_NETLOC}"
        envelope: Fields = {"Type": "Notification", "MessageId": self.number, "TopicArn": self.topic}
        if self.subject:
            envelope["Subject"] = self.subject
        envelope |= {
            "Message": self.text,
            "Timestamp": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "SignatureVersion": self.version,
            "Signature": _SIGNATURE,
            "SigningCertURL": f"https://sns.{region}.amazonaws.com/SimpleNotificationService-local.pem",
            "UnsubscribeURL": f"{here}/?Action=Unsubscribe&SubscriptionArn={self.subscription['arn']}",
        }
        if self.attributes:
            envelope["MessageAttributes"] = {
                name: {"Type": each["DataType"], "Value": each.get("StringValue", each.get("BinaryValue", ""))}
                for name, each in self.attributes.items()
            }
        return envelope


def _for_queue(attribute: Fields) -> Any:
    return {name: value for name, value in attribute.items() if value not in ("", None)}
