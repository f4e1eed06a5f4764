"""What the intrinsic functions of JSONPath compute, with the limits and the rounding of Step Functions."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import random
import re
import uuid
from collections.abc import Callable
from typing import Any

from treino_local.step_functions.documents import dump, is_number, load, same

LONGEST_TEXT = 10_000
LONGEST_RANGE = 1000
HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class Unfit(Exception):
    """Arguments that the function does not take."""


class Template(str):
    """A text as it is written in the call, with its backslashes."""

    def plain(self) -> str:
        return re.sub(r"\\(['{}\\])", r"\1", self)


def called(name: str, arguments: list[Any]) -> Any:
    if name not in _FUNCTIONS:
        raise Unfit(f"{name} is no function")
    function, least, most = _FUNCTIONS[name]
    if not least <= len(arguments) <= most:
        raise Unfit(f"Invalid number of arguments for {name}: {len(arguments)}")
    if function is not _format:
        arguments = [each.plain() if isinstance(each, Template) else each for each in arguments]
    return function(*arguments)


def rounded(value: Any) -> int:
    """Half a step is rounded up, as Java does."""
    if not is_number(value) or not math.isfinite(value):
        raise Unfit(f"{dump(value)} is not a number")
    return value if isinstance(value, int) else math.floor(value + 0.5)


def text(value: Any) -> str:
    """A value in States.Format: as Java writes it."""
    if isinstance(value, Template):
        return value.plain()
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(text, value)) + "]"
    return dump(value)


def _format(template: Any, *values: Any) -> str:
    parts = re.split(r"(\\['{}\\]|\{\})", _text(template))
    if parts.count("{}") != len(values):
        raise Unfit(f"{parts.count('{}')} places for {len(values)} values")
    left = iter(values)
    return "".join(
        text(next(left)) if part == "{}" else part[1:] if re.fullmatch(r"\\['{}\\]", part) else part for part in parts
    )


def _text(value: Any, limited: bool = False) -> str:
    if not isinstance(value, str):
        raise Unfit(f"{dump(value)} is no string")
    if limited and len(value) > LONGEST_TEXT:
        raise Unfit(f"The text is longer than {LONGEST_TEXT} characters")
    return value


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Unfit(f"{dump(value)} is no array")
    return value


def _string_to_json(value: Any) -> Any:
    if not _text(value).strip():
        return None
    try:
        return load(value)
    except ValueError as error:
        raise Unfit(f"the text is not valid JSON: {error}") from None


def _json_merge(left: Any, right: Any, deep: Any) -> dict[str, Any]:
    if not isinstance(left, dict) or not isinstance(right, dict):
        raise Unfit("only objects can be merged")
    if deep is not False:
        raise Unfit("the third argument has to be false: only shallow merging is supported")
    return {**left, **right}


def _partition(value: Any, length: Any) -> list[Any]:
    chunk = rounded(length)
    if chunk <= 0:
        raise Unfit("a chunk has at least one element")
    array = _array(value)
    return [array[at : at + chunk] for at in range(0, len(array), chunk)]


def _range(first: Any, last: Any, step: Any) -> list[int]:
    start, end, by = rounded(first), rounded(last), rounded(step)
    if by == 0:
        raise Unfit("the step cannot be 0")
    found = range(start, end + (1 if by > 0 else -1), by)
    if len(found) > LONGEST_RANGE:
        raise Unfit(f"an array has at most {LONGEST_RANGE} elements")
    return list(found)


def _item(value: Any, index: Any) -> Any:
    array = _array(value)
    if not isinstance(index, int) or isinstance(index, bool):
        raise Unfit(f"{dump(index)} is no index")
    if not 0 <= index < len(array):
        raise Unfit(f"the index {index} is outside of the array")
    return array[index]


def _unique(value: Any) -> list[Any]:
    found: list[Any] = []
    for each in _array(value):
        if not any(same(each, other) for other in found):
            found.append(each)
    return found


def _encode(value: Any) -> str:
    return base64.b64encode(_text(value, limited=True).encode("utf-8", errors="surrogatepass")).decode()


def _decode(value: Any) -> str:
    try:
        return base64.b64decode(_text(value, limited=True), validate=True).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError) as error:
        raise Unfit(f"the text is no Base64: {error}") from None


def _hash(value: Any, algorithm: Any) -> str:
    if not isinstance(algorithm, str) or algorithm not in HASHES:
        raise Unfit(f"the algorithm is one of {', '.join(HASHES)}")
    content = value if isinstance(value, str) else dump(value)
    if len(content) > LONGEST_TEXT:
        raise Unfit(f"The text is longer than {LONGEST_TEXT} characters")
    return hashlib.new(HASHES[algorithm], content.encode("utf-8", errors="surrogatepass")).hexdigest()


def _random(first: Any, last: Any, seed: Any = None) -> int:
    start, end = rounded(first), rounded(last)
    if start >= end:
        raise Unfit("the first number has to be smaller than the second")
    source = random.Random() if seed is None else random.Random(rounded(seed))
    return source.randrange(start, end)


def _split(value: Any, letters: Any) -> list[str]:
    if not _text(letters):
        raise Unfit("there is nothing to split at")
    return [each for each in re.split(f"[{re.escape(letters)}]", _text(value)) if each]


_MANY = 10_000
_FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "States.Format": (_format, 1, _MANY),
    "States.StringToJson": (_string_to_json, 1, 1),
    "States.JsonToString": (dump, 1, 1),
    "States.JsonMerge": (_json_merge, 3, 3),
    "States.Array": (lambda *values: list(values), 0, _MANY),
    "States.ArrayPartition": (_partition, 2, 2),
    "States.ArrayContains": (lambda array, value: any(same(value, each) for each in _array(array)), 2, 2),
    "States.ArrayRange": (_range, 3, 3),
    "States.ArrayGetItem": (_item, 2, 2),
    "States.ArrayLength": (lambda array: len(_array(array)), 1, 1),
    "States.ArrayUnique": (_unique, 1, 1),
    "States.Base64Encode": (_encode, 1, 1),
    "States.Base64Decode": (_decode, 1, 1),
    "States.Hash": (_hash, 2, 2),
    "States.MathRandom": (_random, 2, 3),
    "States.MathAdd": (lambda left, right: rounded(left) + rounded(right), 2, 2),
    "States.StringSplit": (_split, 2, 2),
    "States.UUID": (lambda: str(uuid.uuid4()), 0, 0),
}
