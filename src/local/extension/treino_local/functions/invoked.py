"""Functions that services invoke: only those whose policy lets them, and asynchronously."""

from __future__ import annotations

from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from treino_local import patching
from treino_local.iam import service_principals
from treino_local.sqs.messages import Refused
from treino_local.types import Fields

patching.function(lambda_svc, "invoke_async_with_retry", "func", "event")
patching.function(lambda_svc, "_get_func_record_for_ref", "function_ref")
patching.function(lambda_svc, "_execution_record_for_config", "func", "config")
patching.function(lambda_svc, "function_policy_for_arn", "resource_arn")


def by_service(arn: str, service: str, source: str, event: object) -> None:
    """Invokes it as the service, for the resource `source`; raises Refused where nothing lets it."""
    parts = arn.split(":")
    with request_scope(parts[4], parts[3]):
        record, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if not record or not config:
            raise Refused("NO_RESOURCE", f"there is no function {arn}")
        policy = _policy(arn)
        if not service_principals.allowed(policy, service, "lambda:InvokeFunction", arn, source):
            raise Refused("NO_PERMISSIONS", f"the policy of {arn} does not let {service} invoke it for {source}")
        lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(record, config), event)


def _policy(arn: str) -> Fields | None:
    # A version's or an alias's statements stand beside the function's own.
    found = lambda_svc.function_policy_for_arn(arn)
    return found[0] if found else None
