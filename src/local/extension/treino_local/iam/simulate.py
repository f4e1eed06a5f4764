"""SimulatePrincipalPolicy and SimulateCustomPolicy, so far as AWS documents them for identity policies.

MiniStack's know no condition keys, look at the first resource alone and find no role that has a
path. The evaluation is MiniStack's own, the one that AUTH=true enforces with.
"""

from typing import Any
from xml.sax.saxutils import escape

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

from treino_local import patching
from treino_local.types import Answer, Handler, Query

_DECISIONS = {"Allow": "allowed", "Deny": "explicitDeny"}


def install() -> None:
    patching.function(iam_evaluator, "evaluate", "ctx", "policies")
    patching.function(iam_evaluator, "parse_policy_document", "doc")
    patching.function(iam_evaluator, "_gather_role_policies", "role_name", "account_id")
    patching.function(iam_evaluator, "_gather_user_policies", "user_name", "account_id")
    patching.function(iam, "_p", "params", "key")
    patching.function(iam, "_xml", "status", "root_tag", "inner")
    patching.function(iam, "_error", "status", "code", "message")
    patching.entry(iam, "_IAM_HANDLERS", "SimulatePrincipalPolicy")(principal_policy)
    patching.entry(iam, "_IAM_HANDLERS", "SimulateCustomPolicy")(custom_policy)


def principal_policy(_original: Handler, params: Query) -> Answer:
    source: str = iam._p(params, "PolicySourceArn")
    account = get_account_id()
    # A role's or user's ARN may hold a path, which is no part of its name.
    kind, _, path = source.rpartition(":")[2].partition("/")
    name = path.rpartition("/")[2]
    if kind == "role" and iam._roles.get(name):
        policies = iam_evaluator._gather_role_policies(name, account)
    elif kind == "user" and iam._users.get(name):
        policies = iam_evaluator._gather_user_policies(name, account)
    else:
        return _error(404, "NoSuchEntity", f"There is no user or role {source}.")
    policies += _documents(params)
    return _answer("SimulatePrincipalPolicy", params, source, policies)


def custom_policy(_original: Handler, params: Query) -> Answer:
    return _answer("SimulateCustomPolicy", params, f"arn:aws:iam::{get_account_id()}:root", _documents(params))


def _answer(operation: str, params: Query, principal: str, policies: list[Any]) -> Answer:
    actions = _list(params, "ActionNames")
    if not actions:
        return _error(400, "InvalidInput", "ActionNames is required.")
    context = _context(params)
    results = "".join(
        _result(action, resource, principal, policies, context)
        for action in actions
        for resource in _list(params, "ResourceArns") or ["*"]
    )
    answer: Answer = iam._xml(
        200,
        f"{operation}Response",
        f"<{operation}Result><EvaluationResults>{results}</EvaluationResults><IsTruncated>false</IsTruncated>"
        f"</{operation}Result>",
    )
    return answer


def _error(status: int, code: str, message: str) -> Answer:
    answer: Answer = iam._error(status, code, message)
    return answer


def _result(action: str, resource: str, principal: str, policies: list[Any], context: dict[str, Any]) -> str:
    request = iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type="User",
        principal_account=get_account_id(),
        action=action,
        resource_arn=resource,
        region=get_region(),
        source_ip="127.0.0.1",
        secure_transport=False,
        service_context=context,
    )
    decision = _DECISIONS.get(iam_evaluator.evaluate(request, policies).decision, "implicitDeny")
    return (
        f"<member><EvalActionName>{escape(action)}</EvalActionName><EvalResourceName>{escape(resource)}"
        f"</EvalResourceName><EvalDecision>{decision}</EvalDecision><MatchedStatements></MatchedStatements>"
        f"<MissingContextValues></MissingContextValues></member>"
    )


def _documents(params: Query) -> list[Any]:
    return [iam_evaluator.parse_policy_document(document) for document in _list(params, "PolicyInputList")]


def _context(params: Query) -> dict[str, Any]:
    """The condition keys the caller says the request has; the evaluator looks them up in lowercase letters."""
    found: dict[str, Any] = {}
    number = 1
    while name := iam._p(params, f"ContextEntries.member.{number}.ContextKeyName"):
        values = _list(params, f"ContextEntries.member.{number}.ContextKeyValues")
        found[name.lower()] = values[0] if len(values) == 1 else values
        number += 1
    return found


def _list(params: Query, name: str) -> list[str]:
    found: list[str] = []
    while value := iam._p(params, f"{name}.member.{len(found) + 1}"):
        found.append(value)
    return found
