"""Whether a resource's policy lets an AWS service do something, which is asked with and without AUTH=true."""

from __future__ import annotations

from typing import Any

from ministack.core import iam_evaluator

from treino_local import patching

patching.function(iam_evaluator, "evaluate_resource_policy", "doc", "ctx", "service")


def allowed(policy: Any, service: str, action: str, resource: str, source: str = "", **context: str) -> bool:
    """The policy is a document or its text; `source` is the ARN of what the service acts for, if it says so."""
    keys = {name.lower(): value for name, value in context.items()}
    if source:
        account = source.split(":")[4]
        keys |= {"aws:sourcearn": source, "aws:sourceaccount": account}
    request = iam_evaluator.EvalContext(
        # No AWS principal: only statements for the service, or for everyone, count.
        principal_arn="",
        principal_type="AWSService",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=(source or resource).split(":")[3],
        source_ip="",
        secure_transport=True,
        service_context=keys,
    )
    decision = iam_evaluator.evaluate_resource_policy(policy, request, service=service).decision
    return bool(decision == "Allow")
