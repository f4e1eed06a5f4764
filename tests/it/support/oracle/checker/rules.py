"""The rules of the models: required members, unknown ones, types, lengths and ranges, patterns, enums."""

import base64
import binascii
from typing import Any

from model import Model, Shape
from patterns import matches

TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
    "blob": (bytes, str),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}
UNITS = {"string": "characters", "blob": "bytes", "list": "entries", "map": "entries"}


class Moment(str):
    """A timestamp written as text, in the form that the protocol has for it."""


def broken(model: Model, shape: Shape, value: Any, path: str = "") -> list[str]:
    """What of a value the rules of its shape do not allow."""
    if shape.get("document"):
        return []
    kind = shape["type"]
    if not is_of(kind, value):
        return [f"{path or 'input'}: {type(value).__name__} where {kind} is meant"]
    wrong = limits(shape, value, path)
    if kind == "structure":
        return wrong + structure(model, shape, value, path)
    if kind == "list":
        inner = model.of(shape["member"])
        return wrong + [one for at, each in enumerate(value) for one in broken(model, inner, each, f"{path}[{at}]")]
    if kind == "map":
        keys, values = model.of(shape["key"]), model.of(shape["value"])
        for key, each in value.items():
            wrong += broken(model, keys, key, f"{path} key {key!r}")
            wrong += broken(model, values, each, f"{path}[{key!r}]")
    return wrong


def is_of(kind: str, value: Any) -> bool:
    """Whether a value is of a type; `true` is not a number."""
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "timestamp" and isinstance(value, Moment):
        return True
    if kind == "blob" and isinstance(value, str):
        return decoded(value) is not None
    return isinstance(value, TYPES[kind]) and not (isinstance(value, Moment) and kind != "timestamp")


def decoded(text: str) -> bytes | None:
    """Base64, as AWS takes it."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def structure(model: Model, shape: Shape, value: dict[str, Any], path: str) -> list[str]:
    """The members of a structure or union."""
    members, prefix = shape["members"], f"{path}." if path else ""
    wrong = [f"{prefix}{name}: missing" for name in shape.get("required", []) if name not in value]
    if shape.get("union") and len(value) != 1:
        wrong.append(f"{path}: {len(value)} members of a union")
    for name, each in value.items():
        if name in members:
            wrong += broken(model, model.of(members[name]), each, prefix + name)
        else:
            wrong.append(f"{prefix}{name}: unknown member")
    return wrong


def limits(shape: Shape, value: Any, path: str) -> list[str]:
    """Length or range, pattern, enum."""
    wrong: list[str] = []
    kind = shape["type"]
    if kind == "blob" and isinstance(value, str):
        value = decoded(value) or b""
    is_number = isinstance(value, int | float)
    size = value if is_number else len(value)
    unit = "" if is_number else " " + UNITS.get(kind, "")
    if "min" in shape and size < shape["min"]:
        wrong.append(f"{path}: {size}{unit}, at least {shape['min']}")
    if "max" in shape and size > shape["max"]:
        wrong.append(f"{path}: {size}{unit}, at most {shape['max']}")
    if kind == "string":
        if "enum" in shape and value not in shape["enum"]:
            wrong.append(f"{path}: {value!r} is none of the values of the enum")
        if "pattern" in shape and not matches(shape["pattern"], value):
            wrong.append(f"{path}: {value!r} does not match {shape['pattern']}")
    return wrong
