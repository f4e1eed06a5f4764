"""The ARN that a call's policies are compared with, where MiniStack has another one or none."""

import json

import pytest
from treino_local.iam import resource_arns

_REGION, _ACCOUNT = "eu-central-1", "123456789012"


def _arn(service: str, body: object = None, target: str = "", found: str = "*", query: str = "") -> str:
    def original(*_arguments: object) -> str:
        return found

    data = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    asked = dict(pair.split("=") for pair in query.split("&") if pair)
    parameters = {name: [value] for name, value in asked.items()}
    headers = {"x-amz-target": target}
    return resource_arns.resource_arn(
        original, service, "POST", "/", headers, data, parameters, _REGION, _ACCOUNT
    ).replace(f":{_REGION}:{_ACCOUNT}:", "::")


@pytest.mark.parametrize(
    ("service", "body", "target", "arn"),
    [
        ("lambda", {"FunctionName": "f"}, "", "arn:aws:lambda::function:f"),
        ("lambda", {}, "", "*"),
        ("events", {"Rule": "r"}, "AWSEvents.PutTargets", "arn:aws:events::rule/r"),
        ("events", {"Name": "c"}, "AWSEvents.CreateConnection", "arn:aws:events::connection/c"),
        ("events", {"ResourceARN": "arn:x"}, "AWSEvents.TagResource", "arn:x"),
        ("dynamodb", {"ResourceArn": "arn:x"}, "DynamoDB_20120810.TagResource", "arn:x"),
        ("states", {"resourceArn": "arn:x"}, "AWSStepFunctions.TagResource", "arn:x"),
        ("cloudtrail", {"Name": "t"}, "CloudTrail.CreateTrail", "arn:aws:cloudtrail::trail/t"),
        ("cloudtrail", {"TrailName": "t"}, "CloudTrail.PutEventSelectors", "arn:aws:cloudtrail::trail/t"),
        ("cloudtrail", {"ResourceId": "arn:t"}, "CloudTrail.AddTags", "arn:t"),
        ("cloudtrail", {"ResourceIdList": ["arn:t"]}, "CloudTrail.ListTags", "arn:t"),
        ("cloudtrail", {}, "CloudTrail.DescribeTrails", "*"),
        ("sqs", {"Name": "q"}, "", "*"),
        ("lambda", b"no JSON", "", "*"),
        ("dynamodb", b"[]", "", "*"),
    ],
)
def test_the_arn_of_a_call(service: str, body: object, target: str, arn: str) -> None:
    assert _arn(service, body, target) == arn


def test_what_ministack_knows_is_left() -> None:
    assert _arn("dynamodb", {"ResourceArn": "arn:x"}, found="arn:table") == "arn:table"


def test_a_role_that_is_being_made_has_its_path() -> None:
    found = f"arn:aws:iam::{_ACCOUNT}:role/r"
    query = "RoleName=r&Path=/labs/"
    assert _arn("iam", found=found, query=query) == f"arn:aws:iam::{_ACCOUNT}:role/labs/r"
    assert _arn("iam", found=found, query="RoleName=r") == found
