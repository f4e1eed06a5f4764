"""JSONata as Step Functions has it: the library jsonata-python, six more functions, and what differs in numbers."""

from __future__ import annotations

import hashlib
import json
import math
import random
import re
import uuid
from typing import Any

import jsonata
from jsonata import functions as library
from jsonata.jexception import JException
from jsonata.utils import Utils

from treino_local.step_functions.documents import dump, is_number, load, type_name
from treino_local.step_functions.errors import EvaluationError
from treino_local.step_functions.intrinsic_functions import HASHES

# AWS ends an expression by limits of its own; an endless one must not hold a thread for ever.
MILLISECONDS = 5000

UNDEFINED = object()


class _Failed(Exception):
    """An error of one of the functions below, which has no code of JSONata's."""


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= 4


def evaluate(expression: str, states: dict[str, Any], variables: dict[str, Any], field: str) -> Any:
    """The value of the text between `{%` and `%}`, in the field of that name."""
    code = expression[2:-2].strip()
    shown = f"The JSONata expression '{code}' specified for the field '{field}'"
    try:
        found = _evaluated(code, {**variables, "states": states})
    except RecursionError:
        raise EvaluationError(f"{shown} threw an error during evaluation: Stack overflow error", field) from None
    except Exception as error:
        raise EvaluationError(f"{shown} threw an error during evaluation{_said(error)}", field) from None
    if found is UNDEFINED:
        raise EvaluationError(f"{shown} returned nothing (undefined).", field)
    try:
        return _plain(found)
    except _Failed:
        raise EvaluationError(f"{shown} returned an unsupported result type.", field) from None


def template(value: Any, states: dict[str, Any], variables: dict[str, Any], field: str) -> Any:
    """A value with the expressions in it evaluated; the field is named as errors name it."""
    if is_expression(value):
        return evaluate(value, states, variables, field)
    if isinstance(value, dict):
        return {key: template(each, states, variables, f"{field}/{key}") for key, each in value.items()}
    if isinstance(value, list):
        return [template(each, states, variables, f"{field}[{at}]") for at, each in enumerate(value)]
    return value


def typed(value: Any, expression: Any, field: str, expected: str) -> Any:
    """The value, where it has the type that the field asks for."""
    if type_name(value) != expected:
        code = expression[2:-2].strip() if is_expression(expression) else dump(expression)
        raise EvaluationError(
            f"The JSONata expression '{code}' specified for the field '{field}' returned an unexpected result type. "
            f"Expected '{expected}', but was '{type_name(value)}' for value: {dump(value)}",
            field,
        )
    return value


def _evaluated(code: str, bindings: dict[str, Any]) -> Any:
    expression = jsonata.Jsonata.jsonata(code, timeout=MILLISECONDS)
    expression.set_output_convert_nulls(False)
    for name, function in _FUNCTIONS.items():
        expression.register_lambda(name, function)
    nulled = {name: Utils.NULL_VALUE if each is None else each for name, each in bindings.items()}
    # Not available on AWS; calling it is calling what is no function.
    found = expression.evaluate(None, {"eval": None, **nulled})
    return UNDEFINED if found is None else found


def _said(error: Exception) -> str:
    if isinstance(error, _Failed):
        return f": {error}"
    if not isinstance(error, JException):
        return f": {error}"
    return f". {error.error}: {_message(error)}"


def _message(error: JException) -> str:
    """The library's texts leave out the quotes of JSONata's own, and say Object where those say function."""
    written = JException.error_codes.get(error.error)
    if not written or "{{{" in written:
        return str(error)
    if error.error.startswith("T04"):
        written = written.replace("Object", "function")
    known = iter((error.current, error.expected, error.extra))
    return re.sub(r"\{\{\w+\}\}", lambda _: _token(next(known, None)), written)


def _token(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(value)


def _plain(value: Any) -> Any:
    """A result as JSON: the library's own lists, numbers and null among it."""
    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return int(value) if value.is_integer() and abs(value) < 1e21 else value
    if isinstance(value, Utils.RangeList):
        return list(range(value.a, value.b + 1))
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    raise _Failed("no JSON")


def _whole(value: Any) -> int:
    if not is_number(value):
        raise _Failed(f"{value!r} is not a number")
    return int(value)


def _partition(array: Any = None, size: Any = None) -> Any:
    if array is None or size is None:
        return None
    chunk = _whole(size)
    items = array if isinstance(array, list) else [array]
    if chunk < 0:
        raise _Failed("The chunk size of the partition function cannot be negative")
    if chunk == 0 or not items:
        return None
    return [list(items[at : at + chunk]) for at in range(0, len(items), chunk)]


def _range(start: Any = None, end: Any = None, step: Any = None) -> Any:
    if start is None or end is None or step is None:
        return None
    first, last, by = _whole(start), _whole(end), _whole(step)
    if by == 0:
        raise _Failed("The step of the range function cannot be 0")
    found = range(first, last + (1 if by > 0 else -1), by)
    if not found:
        return None
    if len(found) > 360_145:
        raise _Failed("Expression evaluation memory limit exceeded")
    # A sequence of one is that one.
    return found[0] if len(found) == 1 else list(found)


def _hash(text: Any = None, algorithm: Any = None) -> Any:
    if text is None or algorithm is None:
        return None
    if not isinstance(text, str) or algorithm not in HASHES:
        raise _Failed(f"The algorithm of the hash function is one of {', '.join(HASHES)}")
    return hashlib.new(HASHES[algorithm], text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _random(seed: Any = None) -> float:
    return random.random() if seed is None else random.Random(_whole(seed)).random()


def _parse(text: Any = None) -> Any:
    if text is None:
        return None
    if not isinstance(text, str):
        raise _Failed("The argument of the parse function is no string")
    try:
        found = load(text)
    except ValueError as error:
        raise _Failed(f"The argument of the parse function is not valid JSON: {error}") from None
    return Utils.NULL_VALUE if found is None else found


def _to_millis(timestamp: Any = None, picture: Any = None) -> Any:
    """The library also takes a space for the T of a timestamp, which JSONata and AWS refuse."""
    if timestamp is None:
        return None
    refused = _Failed(
        f'D3110: The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given "{timestamp}"'
    )
    if picture is None and isinstance(timestamp, str) and "T" not in timestamp and len(timestamp) > 10:
        raise refused
    try:
        return library.Functions.datetime_to_millis(timestamp, picture)
    except ValueError:
        raise refused from None


def _replace(text: Any = None, pattern: Any = None, replacement: Any = None, limit: Any = None) -> Any:
    """The library replaces what a pattern finds in nothing, which JSONata and AWS refuse."""
    if hasattr(pattern, "search"):
        found = pattern.search("")
        if found is not None and found.group() == "":
            raise _Failed("D1004: Regular expression matches zero length string")
    return library.Functions.replace(text, pattern, replacement, limit)


_FUNCTIONS = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": lambda: str(uuid.uuid4()),
    "parse": _parse,
    "toMillis": _to_millis,
    "replace": _replace,
}
