"""The policy of a function: there is none until somebody is given a permission."""

import json
from typing import Any

import pytest
from messaging import function_that_tells, permit
from support import REGION, LocalAws

ACCOUNT = "700000000041"


def test_a_function_without_permissions_has_no_policy(local_aws: LocalAws) -> None:
    function_that_tells(local_aws, ACCOUNT, "lonely", "none")
    functions: Any = local_aws.client("lambda", ACCOUNT)
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/lab"

    def none() -> None:
        with pytest.raises(functions.exceptions.ResourceNotFoundException):
            functions.get_policy(FunctionName="lonely")

    none()
    permit(local_aws, ACCOUNT, "lonely", "events", rule)
    [statement] = json.loads(functions.get_policy(FunctionName="lonely")["Policy"])["Statement"]
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": rule}}
    with pytest.raises(functions.exceptions.ResourceConflictException):
        permit(local_aws, ACCOUNT, "lonely", "events", rule)
    functions.remove_permission(FunctionName="lonely", StatementId="events")
    none()
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.remove_permission(FunctionName="lonely", StatementId="events")
