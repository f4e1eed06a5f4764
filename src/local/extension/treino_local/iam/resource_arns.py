"""What MiniStack, with AUTH=true, compares policies with: the ARNs that AWS does.

It leaves the path out of a role's ARN, has only `*` for a function that is being made, for a trail
and for what the tags are meant of, and takes a connection for a rule. The path of calls signed for
`s3express` is signed as it is sent, as S3's are; MiniStack encodes it again.
"""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from ministack.core import iam_actions, sigv4
from ministack.services import iam

from treino_local import patching
from treino_local.types import Fields, Headers, Query

# Permissions know no batches.
_BATCHES = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}


def install() -> None:
    patching.function(iam, "_p", "params", "key")
    patching.wrap(
        iam_actions,
        "extract_resource_arn",
        "service",
        "method",
        "path",
        "headers",
        "body",
        "query_params",
        "region",
        "account_id",
    )(resource_arn)

    @patching.wrap(iam_actions, "extract_iam_action", "service", "method", "path", "headers", "body", "query_params")
    def extract_iam_action(original: Callable[..., str | None], *request: Any) -> str | None:
        action = original(*request)
        return _BATCHES.get(action or "", action)

    @patching.wrap(sigv4, "header_signing_documents", "signature", "method", "raw_path")
    def header_signing_documents(
        original: Callable[..., tuple[str, str]], signature: Any, *arguments: Any, **options: Any
    ) -> tuple[str, str]:
        if signature.service != "s3express":
            return original(signature, *arguments, **options)
        canonical, text = original(dataclasses.replace(signature, service="s3"), *arguments, **options)
        return canonical, text.replace("/s3/aws4_request", "/s3express/aws4_request", 1)


def resource_arn(
    original: Callable[..., str],
    service: str,
    method: str,
    path: str,
    headers: Headers,
    body: bytes,
    query_params: Query,
    region: str,
    account_id: str,
) -> str:
    arn = original(service, method, path, headers, body, query_params, region, account_id)
    if service == "iam":
        return _of_role(arn, query_params)
    if service == "sns" and arn == "*":
        return _of_topic(query_params) or arn
    if service == "lambda" and arn == "*":
        name = _fields(body).get("FunctionName")
        return f"arn:aws:lambda:{region}:{account_id}:function:{name}" if name else arn
    if service == "events":
        fields, operation = _fields(body), headers.get("x-amz-target", "")
        if fields.get("ResourceARN"):
            return str(fields["ResourceARN"])
        if fields.get("Rule"):
            return f"arn:aws:events:{region}:{account_id}:rule/{fields['Rule']}"
        if operation.endswith("Connection") and fields.get("Name"):
            return f"arn:aws:events:{region}:{account_id}:connection/{fields['Name']}"
    if service in ("dynamodb", "states") and arn == "*":
        fields = _fields(body)
        return str(fields.get("ResourceArn") or fields.get("resourceArn") or arn)
    if service == "cloudtrail" and arn == "*":
        return _of_trail(_fields(body), f"arn:aws:cloudtrail:{region}:{account_id}:trail/") or arn
    return arn


def _of_topic(query_params: Query) -> str | None:
    """Of a call that names a subscription, or a topic as a resource."""
    subscription: str = iam._p(query_params, "SubscriptionArn")
    topic = subscription.rpartition(":")[0] if subscription.count(":") == 6 else ""
    return topic or iam._p(query_params, "ResourceArn") or None


def _of_trail(fields: Fields, head: str) -> str | None:
    name: str | None = next((fields[key] for key in ("Name", "TrailName", "ResourceId") if fields.get(key)), None)
    name = name or next(iter(fields.get("ResourceIdList") or ()), None)
    return name if not name or name.startswith("arn:") else head + name


def _of_role(arn: str, query_params: Query) -> str:
    name = iam._p(query_params, "RoleName")
    role = iam._roles.get(name)
    if role:
        return str(role["Arn"])
    # Only the call that makes it says the path of a role that is not there.
    path = iam._p(query_params, "Path") or "/"
    return arn.replace(f":role/{name}", f":role{path}{name}") if name else arn


def _fields(body: bytes) -> Fields:
    try:
        fields = json.loads(body or b"{}")
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}
