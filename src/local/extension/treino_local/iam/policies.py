"""What is wrong with a policy that is attached to a resource, as far as its own text tells."""

import json
from typing import Any

_KEYS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_VERSIONS = ("2008-10-17", "2012-10-17")


def fault(text: str, namespace: str, resources: list[str] | None) -> str | None:
    """None, or what is wrong: the actions have to be the service's, the resources begin with one of these, if any."""
    try:
        policy = json.loads(text)
    except ValueError:
        return "it is no valid JSON."
    if not isinstance(policy, dict):
        return "it is not valid JSON object."
    unknown = set(policy) - {"Version", "Id", "Statement"}
    if unknown:
        return f"it has an unknown element {min(unknown)}."
    if policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
        return f"its Version is none of {', '.join(_VERSIONS)}."
    statements = _statements(policy)
    if not isinstance(statements, list) or not statements:
        return "it has no Statement."
    return next((found for each in statements if (found := _of_statement(each, namespace, resources))), None)


def resources(text: str) -> list[str]:
    """The resources that the statements of a policy without a fault are for."""
    statements = _statements(json.loads(text))
    return [named for statement in statements for named in _texts(statement.get("Resource"))]


def _statements(policy: dict[str, Any]) -> Any:
    statements = policy.get("Statement")
    return [statements] if isinstance(statements, dict) else statements


def _of_statement(statement: Any, namespace: str, resources: list[str] | None) -> str | None:
    if not isinstance(statement, dict):
        return "a statement is not valid JSON object."
    unknown = set(statement) - _KEYS
    if unknown:
        return f"a statement has an unknown element {min(unknown)}."
    if statement.get("Effect") not in ("Allow", "Deny"):
        return "the Effect of a statement is neither Allow nor Deny."
    for name in ("Principal", "Action", "Resource"):
        if (name in statement) == (f"Not{name}" in statement):
            return f"a statement needs either {name} or Not{name}."
    if not _is_principal(statement.get("Principal", statement.get("NotPrincipal"))):
        return "the Principal of a statement is neither * nor a map of AWS, Service, Federated or CanonicalUser."
    actions = _texts(statement.get("Action", statement.get("NotAction")))
    wrong = next((each for each in actions if each != "*" and each.split(":")[0].lower() != namespace), None)
    if not actions or wrong is not None:
        return f"an action is none of {namespace}: {wrong}."
    named = _texts(statement.get("Resource", statement.get("NotResource")))
    allowed = resources if resources is not None else named
    wrong = next((each for each in named if not any(_within(each, resource) for resource in allowed)), None)
    if not named or wrong is not None:
        return f"a resource is not {' or '.join(allowed)}: {wrong}."
    return None if isinstance(statement.get("Condition", {}), dict) else "the Condition of a statement is no map."


def _texts(value: Any) -> list[str]:
    """A text, or a list of texts, as a list; empty for anything else."""
    values = value if isinstance(value, list) else [value]
    return values if all(isinstance(each, str) and each for each in values) else []


def _is_principal(value: Any) -> bool:
    if value == "*":
        return True
    kinds = ("AWS", "Service", "Federated", "CanonicalUser")
    return (
        isinstance(value, dict)
        and bool(value)
        and all(kind in kinds and _texts(names) for kind, names in value.items())
    )


def _within(named: str, resource: str) -> bool:
    """Whether it is the resource, or what a resource that ends in /* holds."""
    return named == resource or (resource.endswith("/*") and named.startswith(resource[:-1]))
