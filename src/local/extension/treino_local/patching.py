"""Replacing parts of MiniStack, only where they are as they were when the addition was written.

Every replacement names the parameters it expects. A different MiniStack then fails at
start-up, with the name of what moved, and not later as an event that never arrives.
"""

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any, Concatenate, ParamSpec, TypeVar

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

_Original = Callable[..., Any]
_Replacement = Callable[Concatenate[_Original, _Parameters], _Result]


class Moved(Exception):
    """Something of MiniStack that an addition builds on is missing or has changed."""


def of(module: object, name: str, kind: type | tuple[type, ...] = object) -> Any:
    """The attribute of the module that an addition reads."""
    value = getattr(module, name, None)
    if value is None:
        raise Moved(f"MiniStack's {_label(module)}.{name} is missing")
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        raise Moved(f"MiniStack's {_label(module)}.{name} is no {' or '.join(each.__name__ for each in kinds)}")
    return value


def function(module: object, name: str, *parameters: str) -> _Original:
    """The function of that name, which has to begin with these parameters."""
    found: _Original = of(module, name)
    if not callable(found):
        raise Moved(f"MiniStack's {_label(module)}.{name} is no function")
    has = list(inspect.signature(found).parameters)[: len(parameters)]
    if has != list(parameters):
        raise Moved(f"MiniStack's {_label(module)}.{name} takes ({', '.join(has)}) and not ({', '.join(parameters)})")
    return found


def wrap(
    module: object, name: str, *parameters: str
) -> Callable[[_Replacement[_Parameters, _Result]], _Replacement[_Parameters, _Result]]:
    """Decorator: replaces module.name by the decorated function, which is given the original first."""

    def install(replacement: _Replacement[_Parameters, _Result]) -> _Replacement[_Parameters, _Result]:
        original = function(module, name, *parameters)

        @functools.wraps(original)
        def installed(*arguments: _Parameters.args, **options: _Parameters.kwargs) -> _Result:
            return replacement(original, *arguments, **options)

        setattr(module, name, installed)
        return replacement

    return install


def entry(
    module: object, table: str, name: str
) -> Callable[[_Replacement[_Parameters, _Result]], _Replacement[_Parameters, _Result]]:
    """Decorator: as `wrap`, for a handler that the module keeps in a dictionary."""
    handlers = of(module, table, dict)
    original = handlers.get(name)
    if not callable(original):
        raise Moved(f"MiniStack's {_label(module)}.{table} has no {name}")

    def install(replacement: _Replacement[_Parameters, _Result]) -> _Replacement[_Parameters, _Result]:
        handlers[name] = functools.partial(replacement, original)
        return replacement

    return install


def rewrite(module: ModuleType, name: str, *edits: tuple[str, str]) -> None:
    """Replaces pieces of a function's source, each of which occurs exactly once, where nothing smaller can be."""
    source = inspect.getsource(function(module, name))
    for old, new in edits:
        if source.count(old) != 1:
            raise Moved(f"MiniStack's {_label(module)}.{name} has {source.count(old)} times, not once: {old}")
        source = source.replace(old, new)
    exec(compile(source, str(module.__file__), "exec"), vars(module))


def _label(module: object) -> str:
    label: str = getattr(module, "__name__", str(module))
    return label
