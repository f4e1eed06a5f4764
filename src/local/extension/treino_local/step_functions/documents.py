"""JSON as Step Functions reads and writes it."""

from __future__ import annotations

import json
import re
from typing import Any

from treino_local.step_functions.errors import DATA_LIMIT, OwnError, StateError

# The largest input, output or result of a state.
LIMIT = 256 * 1024


def load(text: str | bytes) -> Any:
    """The value of a JSON text. Python also reads NaN and Infinity, which JSON does not have."""

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is not valid JSON")

    return json.loads(text, parse_constant=refuse)


def dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def size(text: str) -> int:
    return len(text.encode("utf-8", errors="surrogatepass"))


def checked(text: str, of: str) -> str:
    """The text, where it is not too large to be handed on."""
    # Four bytes a character at most: the usual text is not encoded to be measured.
    if len(text) * 4 > LIMIT and size(text) > LIMIT:
        error = StateError(DATA_LIMIT, too_large(of))
        error.terminal = True
        raise error
    return text


def too_large(of: str) -> str:
    return f"The state/task '{of}' returned a result with a size exceeding the maximum number of bytes service limit."


def type_name(value: Any) -> str:
    """How Step Functions calls the JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same(left: Any, right: Any) -> bool:
    """Equality of JSON values: true is not 1, but 1.0 is."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(each, right[key]) for key, each in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if is_number(left) and is_number(right):
        return bool(left == right)
    return type(left) is type(right) and bool(left == right)


_STEP = re.compile(r"\.([^.\[\]]+)|\[(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|(\d+))\]")


def placed(path: str | None, document: Any, result: Any) -> Any:
    """The document with the result at a ResultPath; neither is changed."""
    if path is None:
        return document
    steps: list[str | int] = []
    for dotted, single, double, index in _STEP.findall(path[1:]):
        steps.append(int(index) if index else re.sub(r"\\(.)", r"\1", single or double) or dotted)
    return _put(document, steps, result, path)


def _put(document: Any, steps: list[str | int], result: Any, path: str) -> Any:
    if not steps:
        return result
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        if not isinstance(document, list) or step >= len(document):
            raise _unfit(path, document)
        return [_put(each, rest, result, path) if at == step else each for at, each in enumerate(document)]
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise _unfit(path, document)
    return {**document, step: _put(document.get(step), rest, result, path)}


def _unfit(path: str, document: Any) -> OwnError:
    return OwnError(
        "States.ResultPathMatchFailure",
        f"Unable to apply ReferencePath {path} to input {dump(document)}",
        terminal=False,
    )
