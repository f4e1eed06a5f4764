"""What Publish refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services import sns

from treino_local import patching
from treino_local.types import Answer, Fields, Handler, Query


def install() -> None:
    refusal = patching.of(sns, "SnsPublishError", type)

    @patching.wrap(sns, "publish_internal", "topic_arn", "message", "subject")
    def publish_internal(
        original: Callable[..., Fields | None], topic_arn: str, message: Any, subject: str = "", /, **options: Any
    ) -> Fields | None:
        wrong = _fault(message, subject, options.get("message_structure", ""))
        if wrong:
            raise refusal("InvalidParameter", f"Invalid parameter: {wrong}")
        return original(topic_arn, message, subject, **options)

    @patching.wrap(sns, "_publish_batch", "params")
    def publish_batch(original: Handler, params: Query) -> Answer:
        status, headers, body = original(params)
        # Of each entry that failed; as for a whole request.
        return (
            status,
            headers,
            body.replace(b"<Code>InvalidParameterException</Code>", b"<Code>InvalidParameter</Code>"),
        )


def _fault(message: Any, subject: str, structure: str) -> str | None:
    if not message:
        return "Empty message"
    if subject and (len(subject) > 100 or not subject.isprintable() or not subject.isascii() or subject[0] == " "):
        return "Subject"
    if structure not in ("", "json"):
        return "MessageStructure"
    if structure == "json":
        try:
            parts = json.loads(message)
        except ValueError:
            return "Message Structure - JSON message body failed to parse"
        if not isinstance(parts, dict) or not isinstance(parts.get("default"), str):
            return "Message Structure - No default entry in JSON message body"
    return None
