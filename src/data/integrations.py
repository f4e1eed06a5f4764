"""The calls of AWS that Step Functions has an AWS SDK integration for: see `integrations.json`.

- `services`: the calls of each service, by the names in `aws-sdk:service:call`. Without calls: AWS's API models have
  the service no longer, so its calls are not known.
- `unsupported`: the calls among them that Step Functions does not make, or all (`*`).
- `aliases`: other names of a service (of its endpoint, of its IAM actions, in the AWS CLI), without hyphens.

No package tells which services Step Functions has. The guide's list is some months behind AWS, so a service of the
models that it does not have is here too.
"""

import pathlib
import re
from collections.abc import Iterator
from typing import Any, Protocol


class Packages(Protocol):
    """What is needed of the downloaded packages."""

    def source(self, name: str) -> dict[str, str]: ...

    def model(self, service: str) -> Any: ...

    def services(self) -> Iterator[str]: ...

    def reference(self, kind: str) -> dict[str, Any]: ...


# https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
GUIDE = pathlib.Path(__file__).resolve().parent / "integrations.txt"
# What the guide does not say. Step Functions refuses the service: it needs an endpoint of its own.
# https://docs.aws.amazon.com/step-functions/latest/dg/connect-api-gateway.html calls these by `apigateway:invoke`.
REFUSED = {"apigatewaymanagementapi": "*"}


def integrations(packages: Packages) -> dict[str, Any]:
    """The whole file."""
    listed = guide()
    calls: dict[str, set[str]] = {name: set() for name in listed}
    in_cli: dict[str, set[str]] = {}
    elsewhere: dict[str, set[str]] = {}
    for folder in packages.services():
        model = packages.model(folder)
        about = model["metadata"]
        name = step_functions_name(about)
        calls.setdefault(name, set()).update(call_name(operation) for operation in model["operations"])
        in_cli.setdefault(folder.replace("-", ""), set()).add(name)
        for key in ("signingName", "endpointPrefix"):
            elsewhere.setdefault(re.sub(r"[-.]", "", about.get(key, "")).lower(), set()).add(name)
    aliases = {
        alias: min(names)
        for alias, names in sorted((elsewhere | in_cli).items())
        if alias and alias not in calls and len(names) == 1
    }
    unsupported = {name: " ".join(sorted(found)) for name, found in listed.items() if found}
    return {
        "sources": [packages.source("botocore")],
        "aliases": aliases,
        "unsupported": dict(sorted((unsupported | REFUSED).items())),
        "services": {name: " ".join(sorted(found)) for name, found in sorted(calls.items())},
    }


def guide() -> dict[str, list[str]]:
    """The services of the guide's list, each with its calls that are not supported."""
    lines = GUIDE.read_text(encoding="utf-8").splitlines()
    words = [line.replace(":", "").split() for line in lines if line and not line.startswith("#")]
    return {name: [call_name(operation) for operation in operations] for name, *operations in words}


def step_functions_name(metadata: dict[str, Any]) -> str:
    """The name of a service in `aws-sdk:name:call`: that of its package in the AWS SDK for Java."""
    name = re.sub(r"[ -]", "", metadata.get("serviceId", "")).lower()
    return name.removesuffix("service") if len(name) > len("service") else name


def call_name(operation: str) -> str:
    """An operation as `aws-sdk:service:name` has it."""
    return operation[0].lower() + operation[1:]
