"""Replacing parts of MiniStack, only where they are as they were when the addition was written.

Every replacement names the parameters it expects. A different MiniStack then fails at
start-up, with the name of what moved, and not later as an event that never arrives.
"""

import functools
import inspect


class Moved(Exception):
    """Something of MiniStack that an addition builds on is missing or has changed."""


def of(module, name, kind=object):
    """The attribute of the module that an addition reads."""
    value = getattr(module, name, None)
    if value is None:
        raise Moved(f"MiniStack's {_label(module)}.{name} is missing")
    if not isinstance(value, kind):
        raise Moved(f"MiniStack's {_label(module)}.{name} is no {kind.__name__}")
    return value


def function(module, name, *parameters):
    """The function of that name, which has to begin with these parameters."""
    found = of(module, name)
    if not callable(found):
        raise Moved(f"MiniStack's {_label(module)}.{name} is no function")
    has = list(inspect.signature(found).parameters)[: len(parameters)]
    if has != list(parameters):
        raise Moved(
            f"MiniStack's {_label(module)}.{name} takes ({', '.join(has)}) and not ({', '.join(parameters)})"
        )
    return found


def wrap(module, name, *parameters):
    """Decorator: replaces module.name by the decorated function, which is given the original first."""

    def install(replacement):
        original = function(module, name, *parameters)

        @functools.wraps(original)
        def installed(*arguments, **options):
            return replacement(original, *arguments, **options)

        setattr(module, name, installed)
        return replacement

    return install


def edit(module, name, old, new):
    """Replaces one piece of a text of the module that occurs exactly once."""
    text = of(module, name, str)
    if text.count(old) != 1:
        raise Moved(f"MiniStack's {_label(module)}.{name} has {text.count(old)} times, not once: {old}")
    setattr(module, name, text.replace(old, new))


def rewrite(module, name, *edits):
    """Replaces pieces of a function's source, each of which occurs exactly once, where nothing smaller can be."""
    source = inspect.getsource(function(module, name))
    for old, new in edits:
        if source.count(old) != 1:
            raise Moved(f"MiniStack's {_label(module)}.{name} has {source.count(old)} times, not once: {old}")
        source = source.replace(old, new)
    exec(compile(source, module.__file__, "exec"), vars(module))


def _label(module):
    return getattr(module, "__name__", str(module))
