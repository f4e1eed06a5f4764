"""JSONPath as Step Functions has it: the library python-jsonpath, with what differs in Jayway's, which AWS uses.

A definite path leads to one value or nowhere; any other gives the list of what it finds, which may be empty.
"""

from __future__ import annotations

import functools
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jsonpath

from treino_local.step_functions.documents import is_number


class Missing(Exception):
    """A definite path leads nowhere; the message is Jayway's."""


class Malformed(Exception):
    """No JSONPath at all."""


@dataclass(frozen=True)
class _Path:
    find: Callable[[Any], list[Any]]
    definite: bool
    # `$['a','b']`: one object of these fields.
    fields: tuple[str, ...] = ()
    function: str | None = None
    # Of a definite path: the steps, to say where it ends.
    steps: tuple[str | int, ...] = ()


_NAME = re.compile(r"[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*\Z")
_FUNCTION = re.compile(r"(.+?)\.(length|size|min|max|sum|avg|stddev|keys|first|last)\(\)\Z", re.DOTALL)
_FIELDS = re.compile(r"(.*)\[\s*('(?:[^'\\]|\\.)*'(?:\s*,\s*'(?:[^'\\]|\\.)*')+)\s*\]\Z", re.DOTALL)
_STEP = re.compile(r"\['((?:[^'\\]|\\.)*)'\]|\[\s*(-?\d+)\s*\]|\.([^.\[\]]+)")


def find(path: str, data: Any) -> Any:
    """What the path leads to in the data."""
    if path == "$":
        return data
    compiled = _compiled(path)
    found = compiled.find(data)
    if compiled.function:
        if compiled.definite and not found:
            raise Missing(_ends(compiled, data))
        return _applied(compiled.function, found[0] if compiled.definite else found)
    if compiled.fields:
        wanted = [
            {key: each[key] for key in compiled.fields if key in each} for each in found if isinstance(each, dict)
        ]
        if compiled.definite:
            if not wanted:
                raise Missing(_ends(compiled, data))
            return wanted[0]
        return wanted
    if not compiled.definite:
        return found
    if not found:
        raise Missing(_ends(compiled, data))
    return found[0]


def past_the_end(path: str, data: Any) -> bool:
    """Whether a definite path ends at an index that an array there does not have."""
    compiled = _compiled(path)
    if not compiled.definite or not compiled.steps or not isinstance(compiled.steps[-1], int):
        return False
    for step in compiled.steps[:-1]:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(data, list)


@functools.lru_cache(maxsize=4096)
def _compiled(path: str) -> _Path:
    function = None
    named = _FUNCTION.match(path)
    if named:
        path, function = named[1], named[2]
    fields: tuple[str, ...] = ()
    several = _FIELDS.match(path)
    if several:
        path = several[1]
        if path.endswith(".") and not path.endswith(".."):
            # `$.a.['b','c']` is `$.a['b','c']`.
            path = path[:-1]
        fields = tuple(re.sub(r"\\(.)", r"\1", each) for each in re.findall(r"'((?:[^'\\]|\\.)*)'", several[2]))
    try:
        compiled = jsonpath.compile(_bracketed(path))
    except (jsonpath.JSONPathError, ValueError, RecursionError) as error:
        raise Malformed(str(error).splitlines()[0] if str(error) else type(error).__name__) from None
    if not isinstance(compiled, jsonpath.JSONPath):
        raise Malformed("no path")

    def run(data: Any) -> list[Any]:
        return [match.value for match in compiled.finditer(data)]

    definite = compiled.singular_query()
    return _Path(run, definite, fields, function, _steps(path) if definite else ())


def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(
        int(index) if index else re.sub(r"\\(.)", r"\1", quoted) or dotted
        for quoted, index, dotted in _STEP.findall(path[1:])
    )


def _bracketed(path: str) -> str:
    """The path with the names that Jayway takes after a dot and the library does not, in brackets."""
    written: list[str] = []
    at = 0
    while at < len(path):
        letter = path[at]
        if letter == "[":
            end = _end_of_brackets(path, at)
            written.append(path[at:end])
            at = end
            continue
        if letter != ".":
            written.append(letter)
            at += 1
            continue
        deep = path.startswith("..", at)
        start = at + (2 if deep else 1)
        end = start
        while end < len(path) and path[end] not in ".[":
            end += 1
        name = path[start:end]
        if not name and not deep and end < len(path) and path[end] == "[":
            # `$.[0]` is `$[0]`.
            at = end
            continue
        if not name or name == "*" or _NAME.match(name):
            written.append(path[at:end])
        else:
            quoted = name.replace("\\", "\\\\").replace("'", "\\'")
            written.append(f"{'..' if deep else ''}['{quoted}']")
        at = end
    return "".join(written)


def _end_of_brackets(path: str, at: int) -> int:
    depth, quote = 0, ""
    while at < len(path):
        letter = path[at]
        if quote:
            if letter == "\\":
                at += 1
            elif letter == quote:
                quote = ""
        elif letter in "'\"":
            quote = letter
        elif letter == "[":
            depth += 1
        elif letter == "]":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return len(path)


def _ends(path: _Path, data: Any) -> str:
    """Where a definite path ends, in Jayway's words."""
    shown = "$"
    for at, step in enumerate(path.steps):
        shown += f"[{step}]" if isinstance(step, int) else f"['{step}']"
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            if at + 1 < len(path.steps) and isinstance(data, dict):
                return f"Missing property in path {shown}"
            break
    return f"No results for path: {shown}"


def _applied(function: str, value: Any) -> Any:
    if function in ("length", "size"):
        if isinstance(value, (list, dict, str)):
            return len(value)
        raise Missing(f"The function {function}() has no value")
    if function == "keys":
        if isinstance(value, dict):
            return list(value)
        raise Missing("The function keys() has no value")
    items = value if isinstance(value, list) else []
    if function in ("first", "last"):
        if not items:
            raise Missing(f"The function {function}() has no value")
        return items[0 if function == "first" else -1]
    numbers = [float(each) for each in items if is_number(each)]
    if not numbers:
        raise Missing(f"The function {function}() has no numbers")
    return _ARITHMETIC[function](numbers)


_ARITHMETIC: dict[str, Callable[[list[float]], float]] = {
    "min": min,
    "max": max,
    "sum": sum,
    "avg": statistics.fmean,
    "stddev": statistics.pstdev,
}
