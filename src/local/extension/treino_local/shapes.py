"""Whether a request keeps the limits of its operation's model, in the words AWS uses."""

import re
from collections.abc import Iterator
from typing import Any

from ministack.core import responses

from treino_local import patching

patching.function(responses, "_service_model", "service")

_KINDS: dict[str, type] = {"structure": dict, "list": list, "map": dict, "string": str, "boolean": bool}


def fault(service: str, operation: str, request: object) -> str | None:
    """None, or the message of a ValidationException."""
    model = responses._service_model(service)
    found = list(_faults(model.operation_model(operation).input_shape, request, ""))
    if not found:
        return None
    return f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: {'; '.join(found)}"


def _faults(shape: Any, value: Any, path: str) -> Iterator[str]:
    kind = _KINDS.get(shape.type_name)
    if kind and not isinstance(value, kind):
        yield f"Value at '{path}' failed to satisfy constraint: Member must be a {shape.type_name}"
    elif shape.type_name == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                yield f"Value null at '{_below(path, name)}' failed to satisfy constraint: Member must not be null"
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _faults(member, value[name], _below(path, name))
    elif shape.type_name == "list":
        for at, each in enumerate(value, 1):
            yield from _faults(shape.member, each, f"{path}.{at}.member")
    elif shape.type_name == "string":
        yield from (
            # What is refused may be a secret, and is not repeated.
            f"Value at '{path}' failed to satisfy constraint: Member must {constraint}"
            for constraint in _broken(shape, value)
        )


def _broken(shape: Any, value: str) -> Iterator[str]:
    limits = shape.metadata
    if "max" in limits and len(value) > limits["max"]:
        yield f"have length less than or equal to {limits['max']}"
    if "min" in limits and len(value) < limits["min"]:
        yield f"have length greater than or equal to {limits['min']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"satisfy enum value set: [{', '.join(limits['enum'])}]"
    if "pattern" in limits and not _matches(limits["pattern"], value):
        yield f"satisfy regular expression pattern: {limits['pattern']}"


def _matches(pattern: str, value: str) -> bool:
    # Some of the patterns are written for other engines, and some would take for ever on a long text.
    if pattern.startswith("^[ \\t]*"):
        return not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value) and bool(value.strip(" \t"))
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True


def _below(path: str, name: str) -> str:
    name = name[:1].lower() + name[1:]
    return f"{path}.{name}" if path else name
