"""The tags of a Glacier vault, and how Glacier refuses."""

import json

from treino_local.types import Fields

TAGS_PER_VAULT = 10
KEY_LIMIT = 128
VALUE_LIMIT = 256

_PUNCTUATION = " +-=._:/@"


class Refusal(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def parameters(body: bytes) -> Fields:
    """The request's body, which has to be a JSON object."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal("InvalidParameterValueException", "The request body is not valid JSON object.")
    return found


def added(tags: dict[str, str], body: bytes) -> dict[str, str]:
    """The tags with those of an AddTagsToVault: all, or none if one of them is refused."""
    new = parameters(body).get("Tags")
    if not new:
        raise Refusal("MissingParameterValueException", "Required parameter missing: Tags")
    if not isinstance(new, dict):
        raise Refusal("InvalidParameterValueException", "Invalid Tags: not a map.")
    for key, value in new.items():
        _check("key", key, 1, KEY_LIMIT)
        _check("value", value, 0, VALUE_LIMIT)
        if key.lower().startswith("aws:"):
            raise Refusal("InvalidParameterValueException", f"Invalid tag key, aws: is reserved: {key}")
    both = {**tags, **new}
    if len(both) > TAGS_PER_VAULT:
        raise Refusal("LimitExceededException", f"A vault may have no more than {TAGS_PER_VAULT} tags.")
    return both


def removed(tags: dict[str, str], body: bytes) -> dict[str, str]:
    """The tags without those of a RemoveTagsFromVault; a key that is not there is no error."""
    keys = parameters(body).get("TagKeys")
    if not keys:
        raise Refusal("MissingParameterValueException", "Required parameter missing: TagKeys")
    if not isinstance(keys, list):
        raise Refusal("InvalidParameterValueException", "Invalid TagKeys: not a list.")
    return {key: value for key, value in tags.items() if key not in keys}


def _check(what: str, text: object, least: int, most: int) -> None:
    if (
        not isinstance(text, str)
        or not least <= len(text) <= most
        or not all(letter.isalnum() or letter in _PUNCTUATION for letter in text)
    ):
        raise Refusal("InvalidParameterValueException", f"Invalid tag {what}: {text}")
