"""From a request to its operation and parameters, in all protocols that treino uses."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import query
import rest
from model import Model, Shape, load
from request import Request


@dataclass
class Parsed:
    """An operation, its parameters, and what of the request fits none."""

    model: Model
    operation: str
    parameters: dict[str, Any]
    wrong: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Such as `lambda CreateFunction`."""
        return f"{self.model.name} {self.operation}"

    @property
    def shape(self) -> Shape:
        """The shape of the input."""
        return self.model.input_of(self.operation)


def parsed(request: Request) -> Parsed | str:
    """The operation of a request; a text if there is none."""
    service = "s3control" if request.path.startswith("/v20180820/") else request.signing_name
    model = load(service)
    if model is None:
        return f"{request.method} {request.target}: no service {service!r}"
    found = {"json": by_target, "query": by_action}.get(model.protocol, by_uri)(model, request)
    if isinstance(found, str):
        return f"{model.name}: {found}"
    return found


def by_target(model: Model, request: Request) -> Parsed | str:
    """JSON 1.0 and 1.1: `X-Amz-Target: PREFIX.OPERATION`. Java's packages in CloudTrail's prefix may be left out."""
    prefix, _, operation = request.headers.get("x-amz-target", "").rpartition(".")
    meant = model.metadata["targetPrefix"]
    if prefix not in (meant, meant.rpartition(".")[2]) or operation not in model.operations:
        return f"no operation {prefix}.{operation}"
    wrong = []
    content, version = request.headers.get("content-type"), model.metadata["jsonVersion"]
    if content != f"application/x-amz-json-{version}":
        wrong.append(f"Content-Type {content}, not of JSON {version}")
    try:
        return Parsed(model, operation, json.loads(request.body), wrong)
    except ValueError as error:
        return f"{operation}: the body is not valid JSON: {error}"


def by_action(model: Model, request: Request) -> Parsed | str:
    """Query: a form with `Action` and `Version`."""
    fields = parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=bool(request.body))
    form = dict(fields)
    operation, version = form.pop("Action", ""), form.pop("Version", "")
    if operation not in model.operations:
        return f"no operation {operation!r}"
    names = Counter(name for name, _ in fields)
    wrong = [f"{name}: given twice" for name, times in names.items() if times > 1]
    if version != model.metadata["apiVersion"]:
        wrong.append(f"Version {version!r}, not {model.metadata['apiVersion']}")
    parameters = query.decoded(model, model.input_of(operation), query.tree(form), "", wrong)
    return Parsed(model, operation, parameters, wrong)


def by_uri(model: Model, request: Request) -> Parsed | str:
    """REST-JSON and REST-XML."""
    found = rest.template(model, request)
    if found is None:
        return f"no operation {request.method} {request.target}"
    wrong: list[str] = []
    parameters = rest.parameters(model, *found, request, wrong)
    return Parsed(model, found[0].operation, parameters, wrong)
