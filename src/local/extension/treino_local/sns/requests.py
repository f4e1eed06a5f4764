"""What requests to SNS hold, and how they are refused."""

import json

from ministack.services import sns

from treino_local import patching
from treino_local.types import Answer, Query

patching.function(sns, "_p", "params", "key")
patching.function(sns, "_error", "code", "message", "status")


def invalid(message: str) -> Answer:
    answer: Answer = sns._error("InvalidParameter", f"Invalid parameter: {message}", 400)
    return answer


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
