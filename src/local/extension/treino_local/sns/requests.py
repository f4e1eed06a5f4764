"""What requests to SNS hold, and how they are refused."""

import json

from ministack.services import sns

from treino_local import patching
from treino_local.types import Answer, Fields, Query

patching.function(sns, "_p", "params", "key")
patching.function(sns, "_error", "code", "message", "status")
patching.function(sns, "_xml", "status", "root_tag", "inner")
patching.function(sns, "_get_topic", "topic_arn", "action")
patching.function(sns, "_resolve_topic_tag_arn", "arn", "action")


def topic_of(params: Query, action: str) -> tuple[Fields, Answer | None]:
    """The topic a request is about, or its refusal."""
    topic, refused = sns._get_topic(sns._p(params, "TopicArn"), action)
    return topic, refused


def tagged_topic_of(params: Query, action: str) -> tuple[Fields, Answer | None]:
    """As `topic_of`, of a request about tags."""
    _, topic, refused = sns._resolve_topic_tag_arn(sns._p(params, "ResourceArn"), action)
    return topic, refused


def answer(operation: str, result: str) -> Answer:
    """An answer of success."""
    made: Answer = sns._xml(200, f"{operation}Response", f"<{operation}Result>{result}</{operation}Result>")
    return made


def invalid(message: str) -> Answer:
    refused: Answer = sns._error("InvalidParameter", f"Invalid parameter: {message}", 400)
    return refused


def entries(params: Query) -> dict[str, str]:
    """The Attributes of a request."""
    found: dict[str, str] = {}
    number = 1
    while name := sns._p(params, f"Attributes.entry.{number}.key"):
        found[name] = sns._p(params, f"Attributes.entry.{number}.value")
        number += 1
    return found


def same(one: str, other: str) -> bool:
    """Whether two values mean the same: texts, or documents written otherwise."""
    if one == other or not (one.startswith("{") and other.startswith("{")):
        return one == other
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return False
