"""The REST protocols: parameters in path, query, headers and body."""

import json
from typing import Any

import xml_body
from model import Model, Shape, Template
from query import of_text
from request import Request

# Headers of every request, of a signature, of a checksum, and of S3's sessions: no member of an operation.
HEADERS = (
    "x-amz-checksum-",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-glacier-version",
    "x-amz-s3session-token",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-trailer",
    "x-amz-user-agent",
)


def template(model: Model, request: Request) -> tuple[Template, list[str]] | None:
    """The operation with method and path of a request, and the labels of the path."""
    query = dict(request.query)
    candidates = []
    for each in model.templates.get(request.method, []):
        found = each.fits(request.path)
        fits = all(query.get(key) == value or (not value and key in query) for key, value in each.query.items())
        if found and fits:
            labels = [request.segment(label) for label in found.groups()]
            candidates.append((rank(model, each, request), each.operation, (each, labels)))
    return max(candidates, key=lambda each: each[:2])[2] if candidates else None


def rank(model: Model, each: Template, request: Request) -> tuple[bool, bool, int, int]:
    """Of several operations with one path, the one meant: `x-id`, then what it requires, then what it knows."""
    query = dict(request.query)
    shape = model.input_of(each.operation)
    members = [(name in shape.get("required", []), *place(name, member)) for name, member in shape["members"].items()]
    given = {"querystring": query, "header": request.headers}
    outside = [(required, where, name) for required, where, name in members if where in given]
    has = [name in given[where] for _, where, name in outside]
    lacks = sum(required and not there for (required, _, _), there in zip(outside, has, strict=True))
    return query.get("x-id") == each.operation, lacks == 0, len(each.query), sum(has)


def place(name: str, member: dict[str, Any]) -> tuple[str, str]:
    """Where a member is, and under which name; of a header in lower case."""
    where, written = member.get("location", "body"), member.get("locationName", name)
    return where, written.lower() if where.startswith("header") else written


def parameters(model: Model, each: Template, labels: list[str], request: Request, wrong: list[str]) -> dict[str, Any]:
    """The parameters of a request; what fits none is reported."""
    shape = model.input_of(each.operation)
    uri = dict(zip(each.labels, labels, strict=True))
    statics = set(each.query) | {"x-id"}
    query: dict[str, list[str]] = {}
    for key, value in request.query:
        if key not in statics:
            query.setdefault(key, []).append(value)
    unknown = {name for name in request.headers if name.startswith("x-amz-") and not name.startswith(HEADERS)}
    result: dict[str, Any] = {}
    for name, member in shape["members"].items():
        where, written = place(name, member)
        inner = model.of(member) | {key: member[key] for key in ("timestampFormat",) if key in member}
        if where == "uri":
            result[name] = of_text(inner, uri[written], "iso8601")
        elif where == "querystring" and written in query:
            result[name] = several(model, inner, query.pop(written), "iso8601", f"{name}: given twice", wrong)
        elif where == "header" and written in request.headers:
            text = request.headers[written]
            texts = [one.strip() for one in text.split(",")] if inner["type"] == "list" else [text]
            result[name] = several(model, inner, texts, "rfc822", "", wrong)
        elif where == "headers":
            mine = [header for header in request.headers if header.startswith(written)]
            if mine:
                result[name] = {header[len(written) :]: request.headers[header] for header in mine}
            unknown -= set(mine)
        unknown.discard(written)
    wrong += [f"{key}: unknown member (in the query)" for key in query]
    wrong += [f"{header}: unknown member (a header)" for header in sorted(unknown)]
    beside(model, each.operation, request, wrong)
    return result | body(model, each.operation, shape, request, wrong)


def several(model: Model, shape: Shape, texts: list[str], times: str, twice: str, wrong: list[str]) -> Any:
    """One value, or those of a list."""
    if shape["type"] == "list":
        return [of_text(model.of(shape["member"]), text, times) for text in texts]
    if len(texts) > 1:
        wrong.append(twice)
    return of_text(shape, texts[-1], times)


def beside(model: Model, operation: str, request: Request, wrong: list[str]) -> None:
    """What an operation needs beside its input: a checksum of the body, Glacier's version."""
    details = model.operations[operation]
    needs = details.get("httpChecksumRequired") or details.get("httpChecksum", {}).get("requestChecksumRequired")
    sums = ("x-amz-checksum-", "content-md5", "x-amz-trailer")
    if needs and not any(header.startswith(sums) for header in request.headers):
        wrong.append("the body has no checksum")
    if model.name == "glacier" and request.headers.get("x-amz-glacier-version") != model.metadata["apiVersion"]:
        wrong.append("x-amz-glacier-version: missing")


def body(model: Model, operation: str, shape: Shape, request: Request, wrong: list[str]) -> dict[str, Any]:
    """The parameters in the body."""
    payload = shape.get("payload")
    inside = [name for name, member in shape["members"].items() if "location" not in member]
    if not request.body and (payload or model.protocol == "rest-xml" or not inside):
        return {}
    if payload:
        member = shape["members"][payload]
        inner = model.of(member)
        if inner["type"] == "blob":
            return {payload: request.body}
        if inner["type"] == "string":
            return {payload: request.body.decode()}
        reference = {"locationName": payload} | member
    elif inside:
        inner, reference = shape, model.operations[operation]["input"]
    else:
        wrong.append("a body, where the operation has none")
        return {}
    try:
        if model.protocol == "rest-xml":
            found = xml_body.decoded(model, inner, reference, request.body, payload or "", wrong)
        else:
            found = json.loads(request.body)
    except ValueError as error:
        wrong.append(f"the body cannot be read: {error}")
        return {}
    if payload:
        return {payload: found}
    # In JSON, a member of path or query is not one of the body.
    outside = set(shape["members"]) - set(inside)
    wrong += [f"{name}: unknown member (of the body)" for name in found if name in outside]
    return {name: value for name, value in found.items() if name not in outside}
