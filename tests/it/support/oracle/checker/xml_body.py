"""The body of REST-XML as parameters."""

import xml.etree.ElementTree as Tree
from typing import Any

from model import Model, Shape
from query import of_text

INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"


def decoded(model: Model, shape: Shape, reference: dict[str, Any], body: bytes, path: str, wrong: list[str]) -> Any:
    """The value of a document, which has to have the root element and namespace of its shape."""
    try:
        root = Tree.fromstring(body)
    except Tree.ParseError as error:
        raise ValueError(error) from error
    space, name = split(root.tag)
    meant = reference.get("locationName") or reference["shape"]
    if name != meant:
        wrong.append(f"the root element is {name}, not {meant}")
    uri = (reference.get("xmlNamespace") or shape.get("xmlNamespace") or {}).get("uri", "")
    if uri and space != uri:
        wrong.append(f"the namespace is {space!r}, not {uri}")
    return value(model, shape, root, path, wrong)


def split(tag: str) -> tuple[str, str]:
    """Namespace and name."""
    space, _, name = tag.rpartition("}")
    return space.lstrip("{"), name


def value(model: Model, shape: Shape, element: Tree.Element, path: str, wrong: list[str]) -> Any:
    """The value of an element."""
    kind = shape["type"]
    if kind == "structure":
        return structure(model, shape, element, path, wrong)
    if kind == "list":
        named = shape["member"].get("locationName", "member")
        wrong += [f"{path}.{split(each.tag)[1]}: unknown member" for each in element if split(each.tag)[1] != named]
        inner = model.of(shape["member"])
        return [value(model, inner, each, f"{path}[{at}]", wrong) for at, each in enumerate(element)]
    if kind == "map":
        wrong.append(f"{path}: a map, which no request of treino's has in XML")
        return {}
    wrong += [f"{path}.{split(each.tag)[1]}: unknown member" for each in element]
    return of_text(shape, element.text or "", "iso8601")


def structure(model: Model, shape: Shape, element: Tree.Element, path: str, wrong: list[str]) -> dict[str, Any]:
    """The members of a structure: elements, of which a flattened list has several, and attributes."""
    names: dict[str, str] = {}
    attributes: dict[str, str] = {}
    for name, member in shape["members"].items():
        inner = model.of(member)
        written = member.get("locationName") or name
        if inner["type"] == "list" and is_flat(member, inner):
            written = member.get("locationName") or inner["member"].get("locationName") or name
        if member.get("xmlAttribute"):
            attributes[written.replace("xsi:", INSTANCE)] = name
        else:
            names[written] = name
    result: dict[str, Any] = {}
    for written, text in element.attrib.items():
        result[attributes.get(written, written)] = text
    for each in element:
        written = split(each.tag)[1]
        name = names.get(written, written)
        below = f"{path}.{name}" if path else name
        if written not in names:
            result[name] = None
            continue
        member = shape["members"][name]
        inner = model.of(member)
        if inner["type"] == "list" and is_flat(member, inner):
            several = result.setdefault(name, [])
            several.append(value(model, model.of(inner["member"]), each, f"{below}[{len(several)}]", wrong))
        elif name in result:
            wrong.append(f"{below}: given twice")
        else:
            result[name] = value(model, inner, each, below, wrong)
    return result


def is_flat(member: dict[str, Any], inner: Shape) -> bool:
    """Whether the entries of a list have no element around them."""
    return bool(member.get("flattened") or inner.get("flattened"))
