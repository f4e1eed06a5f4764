"""The form of the query protocol, `Tags.member.1.Key=...`, as parameters; and texts as values."""

import re
from typing import Any

from model import Model, Shape
from rules import Moment

# How a protocol writes a time as text.
TIMES = {
    "iso8601": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
    "rfc822": re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"),
    "unixTimestamp": re.compile(r"\d+(\.\d+)?"),
}


def tree(form: dict[str, str]) -> Any:
    """Names with dots as nested dictionaries; a value that has names below it is under an empty one."""
    root: dict[str, Any] = {}
    for name, text in form.items():
        node = root
        for part in name.split("."):
            node = node.setdefault(part, {})
        node[""] = text
    return root


def decoded(model: Model, shape: Shape, node: dict[str, Any], path: str, wrong: list[str]) -> Any:
    """The value of a node; what fits no shape is reported."""
    kind = shape["type"]
    if kind == "structure":
        return structure(model, shape, node, path, wrong)
    if kind == "list":
        inner, named = model.of(shape["member"]), shape["member"].get("locationName", "member")
        items = numbered(node, None if shape.get("flattened") else named, path, wrong)
        return [decoded(model, inner, each, f"{path}[{at}]", wrong) for at, each in enumerate(items)]
    if kind == "map":
        keys = shape["key"].get("locationName", "key"), shape["value"].get("locationName", "value")
        result = {}
        for entry in numbered(node, None if shape.get("flattened") else "entry", path, wrong):
            wrong += [f"{path}.entry.{name}: unknown member" for name in entry if name not in keys]
            key = decoded(model, model.of(shape["key"]), entry.get(keys[0], {}), path, wrong)
            result[key] = decoded(model, model.of(shape["value"]), entry.get(keys[1], {}), f"{path}[{key!r}]", wrong)
        return result
    wrong += [f"{path}.{name}: unknown member" for name in node if name]
    return of_text(shape, node.get("", ""), "iso8601")


def structure(model: Model, shape: Shape, node: dict[str, Any], path: str, wrong: list[str]) -> dict[str, Any]:
    """The members by the names that the form has for them."""
    names = {member.get("locationName", name): name for name, member in shape["members"].items()}
    result = {}
    for written, below in node.items():
        name = names.get(written)
        if name is None:
            # Found by the rules as an unknown member.
            result[written or "(text)"] = below
        else:
            inner = model.of(shape["members"][name])
            result[name] = decoded(model, inner, below, f"{path}.{name}" if path else name, wrong)
    return result


def numbered(node: dict[str, Any], named: str | None, path: str, wrong: list[str]) -> list[dict[str, Any]]:
    """The entries of a list, which are numbered from 1; an empty list is an empty text."""
    if node == {"": ""}:
        return []
    if named is not None:
        wrong += [f"{path}.{name}: unknown member" for name in node if name != named]
        node = node.get(named, {})
    items = [node[str(at)] for at in range(1, len(node) + 1) if str(at) in node]
    if len(items) != len(node):
        wrong.append(f"{path}: {sorted(node)} are not the numbers from 1")
    return items


def of_text(shape: Shape, text: str, times: str) -> Any:
    """A text as a value of its type; as it is, if it is of another."""
    kind = shape["type"]
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind in ("integer", "long") and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind in ("float", "double") and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text):
        return float(text)
    if kind == "timestamp" and TIMES[shape.get("timestampFormat", times)].fullmatch(text):
        return Moment(text)
    return text
