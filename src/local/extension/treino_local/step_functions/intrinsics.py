"""Intrinsic functions, `States.Format(...)` and the like: how a call is written, and what its arguments are."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from treino_local.step_functions import intrinsic_functions
from treino_local.step_functions.errors import INTRINSIC, RUNTIME, OwnError
from treino_local.step_functions.intrinsic_functions import Template, Unfit
from treino_local.step_functions.paths import Malformed, Missing


@dataclass(frozen=True)
class _Path:
    text: str


@dataclass(frozen=True)
class _Call:
    name: str
    arguments: tuple[Any, ...]


class _Malformed(Exception):
    pass


def is_call(text: str) -> bool:
    return text.startswith("States.")


def evaluate(text: str, find: Callable[[str], Any], shown: Callable[[], str]) -> Any:
    """The value of a call. `find` follows a path, and `shown` is the input as errors show it."""
    try:
        call = _parsed(text)
    except _Malformed as error:
        raise OwnError(RUNTIME, f"The function '{text}' cannot be read: {error}") from None

    def value(argument: Any) -> Any:
        if isinstance(argument, _Call):
            return intrinsic_functions.called(argument.name, [value(each) for each in argument.arguments])
        if not isinstance(argument, _Path):
            return argument
        try:
            return find(argument.text)
        except (Missing, Malformed):
            raise OwnError(
                RUNTIME,
                f"The function '{text}' had the following error: The JsonPath argument for the field "
                f"'{argument.text}' could not be found in the input '{shown()}'",
            ) from None

    try:
        return value(call)
    except Unfit as error:
        raise OwnError(INTRINSIC, f"The function '{text}' had the following error: {error}") from None


@functools.lru_cache(maxsize=4096)
def _parsed(text: str) -> _Call:
    call, at = _call(text, 0)
    if text[at:].strip():
        raise _Malformed(f"nothing may follow the call: {text[at:].strip()}")
    return call


_NAME = re.compile(r"\s*(States\.[A-Za-z0-9]+)\s*\(")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_WORD = re.compile(r"true|false|null")
_WORDS = {"true": True, "false": False, "null": None}


def _call(text: str, at: int) -> tuple[_Call, int]:
    named = _NAME.match(text, at)
    if not named:
        raise _Malformed(f"no call: {text[at:]}")
    at = _space(text, named.end())
    arguments: list[Any] = []
    if text[at : at + 1] == ")":
        return _Call(named[1], ()), at + 1
    while True:
        argument, at = _argument(text, _space(text, at))
        arguments.append(argument)
        at = _space(text, at)
        end, at = text[at : at + 1], at + 1
        if end == ")":
            return _Call(named[1], tuple(arguments)), at
        if end != ",":
            raise _Malformed("a call ends with )")


def _space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _argument(text: str, at: int) -> tuple[Any, int]:
    letter = text[at : at + 1]
    if letter == "'":
        return _quoted(text, at + 1)
    if letter == "$":
        return _path(text, at)
    if text.startswith("States.", at):
        return _call(text, at)
    number = _NUMBER.match(text, at)
    if number:
        plain = number[1] is None and number[2] is None
        return (int(number[0]) if plain else float(number[0])), number.end()
    word = _WORD.match(text, at)
    if word:
        return _WORDS[word[0]], word.end()
    raise _Malformed(f"no argument: {text[at:]}")


def _quoted(text: str, at: int) -> tuple[Template, int]:
    start = at
    while at < len(text) and text[at] != "'":
        at += 2 if text[at] == "\\" else 1
    if at >= len(text):
        raise _Malformed("a text ends with '")
    return Template(text[start:at]), at + 1


def _path(text: str, at: int) -> tuple[_Path, int]:
    start, depth, quote = at, 0, ""
    while at < len(text):
        letter = text[at]
        if quote:
            if letter == "\\":
                at += 1
            elif letter == quote:
                quote = ""
        elif letter in "'\"" and depth:
            quote = letter
        elif letter in "[(":
            depth += 1
        elif letter in "])" and depth:
            depth -= 1
        elif letter in ",)" and not depth:
            break
        at += 1
    return _Path(text[start:at].rstrip()), at
