"""The models of the services: what is in the files `service-2.json.gz` of botocore."""

import gzip
import importlib.util
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

Shape = dict[str, Any]

# Signing names that are not the names of the model.
MODELS = {"states": "stepfunctions", "s3express": "s3"}


@dataclass
class Template:
    """The `http` trait of an operation."""

    operation: str
    path: re.Pattern[str]
    labels: list[str]
    is_greedy: bool
    query: dict[str, str]

    def fits(self, path: str) -> re.Match[str] | None:
        """The labels of a path. AWS takes a slash at the end where no key may end so."""
        return self.path.fullmatch(path if self.is_greedy else path.rstrip("/") or "/")


@dataclass
class Model:
    """The model of one service."""

    name: str
    metadata: dict[str, Any]
    operations: dict[str, dict[str, Any]]
    shapes: dict[str, Shape]
    templates: dict[str, list[Template]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.protocol.startswith("rest"):
            return
        for name, operation in self.operations.items():
            of_method = self.templates.setdefault(operation["http"]["method"], [])
            of_method.append(template(name, operation["http"]["requestUri"]))

    @property
    def protocol(self) -> str:
        """Such as `rest-json`."""
        return str(self.metadata["protocol"])

    def of(self, reference: dict[str, Any]) -> Shape:
        """The shape that a member refers to."""
        return self.shapes[reference["shape"]]

    def input_of(self, operation: str) -> Shape:
        """The input of an operation, which may be none."""
        reference = self.operations[operation].get("input")
        return self.of(reference) if reference else {"type": "structure", "members": {}}


def template(operation: str, uri: str) -> Template:
    """`/{Bucket}/{Key+}?tagging` as an expression and a query."""
    path, _, query = uri.partition("?")
    if not path.endswith("+}"):
        path = path.rstrip("/") or "/"
    parts = re.split(r"\{(\w+\+?)\}", path)
    labels = parts[1::2]
    expression = "".join(
        re.escape(part) if at % 2 == 0 else "(.+)" if part.endswith("+") else "([^/]*)" for at, part in enumerate(parts)
    )
    return Template(
        operation,
        re.compile(expression, re.DOTALL),
        [label.rstrip("+") for label in labels],
        any(label.endswith("+") for label in labels),
        dict(parse_qsl(query, keep_blank_values=True)),
    )


@cache
def folder() -> Path:
    """Where botocore has its models."""
    found = importlib.util.find_spec("botocore")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("botocore is not installed")
    return Path(found.origin).parent / "data"


@cache
def load(service: str) -> Model | None:
    """The newest model of a service, by its signing name or `s3control`."""
    name = MODELS.get(service, service)
    versions = sorted((folder() / name).glob("*/service-2.json.gz")) if name else []
    if not versions:
        return None
    whole = json.loads(gzip.decompress(versions[-1].read_bytes()))
    return Model(name, whole["metadata"], whole["operations"], whole["shapes"])
