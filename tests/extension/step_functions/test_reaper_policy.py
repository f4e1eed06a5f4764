"""What the reaper's role may do: every call of its definition to what is the stack's, none to what looks like it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ministack.core import responses
from reaped import DEFINITION
from support import REGION
from treino_local.iam import simulate
from treino_local.step_functions import sdk_calls

# Of whoever simulates in this process, which is then the owner of every bucket.
ACCOUNT: str = responses.get_account_id()
_WRITTEN = DEFINITION.with_name("policy.json").read_text().replace("REGION", REGION)
_POLICY = _WRITTEN.replace("ACCOUNT", ACCOUNT)
_PREFIXES = {"cloudwatchlogs": "logs", "eventbridge": "events", "sfn": "states"}
_MARK = {"treino:stack": "lab"}
# Actions that are not named as their calls.
_OTHERS = {
    "s3:deleteObjects": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
    "s3:headBucket": ["s3:ListBucket"],
    "s3:listDirectoryBuckets": ["s3express:ListAllMyDirectoryBuckets"],
    "s3:listMultipartUploads": ["s3:ListBucketMultipartUploads"],
    "s3:listObjectVersions": ["s3:ListBucketVersions"],
    # Of directory buckets alone.
    "s3:listObjectsV2": ["s3express:CreateSession"],
    "s3:deleteBucket": ["s3:DeleteBucket", "s3express:DeleteBucket"],
    "s3control:listTagsForResource": ["s3express:ListTagsForResource"],
    "eventbridge:deleteConnection": [
        "events:DeleteConnection",
        "secretsmanager:DeleteSecret",
        "secretsmanager:DescribeSecret",
    ],
}


def _needed() -> set[str]:
    found = set()
    for state in json.loads(DEFINITION.read_text())["States"].values():
        if state["Type"] == "Task":
            service, action = state["Resource"].split(":")[-2:]
            own = f"{_PREFIXES.get(service, service)}:{sdk_calls._operation_name(action)}"
            found.update(_OTHERS.get(f"{service}:{action}", [own]))
    return found


def _allowed() -> set[str]:
    return {action for statement in json.loads(_POLICY)["Statement"] for action in statement["Action"]}


def _may(action: str, resource: str, policy: str = _POLICY, **tags: str) -> bool:
    context = {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
    query = {"PolicyInputList.member.1": policy, "ActionNames.member.1": action, "ResourceArns.member.1": resource}
    for at, (key, value) in enumerate(context.items(), 1):
        query[f"ContextEntries.member.{at}.ContextKeyName"] = key
        query[f"ContextEntries.member.{at}.ContextKeyType"] = "string"
        query[f"ContextEntries.member.{at}.ContextKeyValues.member.1"] = value
    status, _, body = simulate.custom_policy(lambda: (500, {}, b""), {key: [each] for key, each in query.items()})
    assert status == 200
    return re.findall("<EvalDecision>(.*?)</EvalDecision>", body.decode()) == ["allowed"]


def test_it_has_what_the_definition_calls_and_nothing_else() -> None:
    assert _allowed() == _needed()


def test_it_fits_into_a_role() -> None:
    """A role's inline policies have 10,240 characters in all, without spaces."""
    assert len(re.sub(r"\s", "", _POLICY)) < 9_000


def _arn(service: str, resource: str, account: str = ACCOUNT, region: str = REGION) -> str:
    return f"arn:aws:{service}:{region}:{account}:{resource}"


# What deletes one of each kind that has tags.
_MARKED = [
    ("events:DeleteRule", _arn("events", "rule/r")),
    ("events:RemoveTargets", _arn("events", "rule/r")),
    ("cloudtrail:DeleteTrail", _arn("cloudtrail", "trail/t")),
    ("states:DeleteStateMachine", _arn("states", "stateMachine:m")),
    ("states:StopExecution", _arn("states", "execution:m:e")),
    ("lambda:DeleteFunction", _arn("lambda", "function:f")),
    ("logs:DeleteLogGroup", _arn("logs", "log-group:/lab/g")),
    ("dynamodb:DeleteTable", _arn("dynamodb", "table/t")),
    ("s3express:DeleteBucket", _arn("s3express", "bucket/b--euc1-az1--x-s3")),
    ("s3express:CreateSession", _arn("s3express", "bucket/b--euc1-az1--x-s3")),
    ("sns:DeleteTopic", _arn("sns", "t")),
    ("sqs:DeleteQueue", _arn("sqs", "q")),
    ("iam:DeleteRole", f"arn:aws:iam::{ACCOUNT}:role/treino/lab/{REGION}/r"),
]


@pytest.mark.parametrize(("action", "resource"), _MARKED)
def test_what_has_the_mark_may_be_deleted_and_its_look_alikes_not(action: str, resource: str) -> None:
    assert _may(action, resource, **_MARK)
    assert not _may(action, resource)
    assert not _may(action, resource, stack="lab")
    assert not _may(action, resource.replace(ACCOUNT, "999999999999"), **_MARK)
    if REGION in resource and not action.startswith("iam:"):
        assert not _may(action, resource.replace(REGION, "us-east-1", 1), **_MARK)


@pytest.mark.parametrize(
    ("action", "mine", "other"),
    [
        ("s3:DeleteBucket", f"arn:aws:s3:::lab-photos-{ACCOUNT}-{REGION}", "arn:aws:s3:::lab-photos"),
        ("s3:DeleteObjectVersion", f"arn:aws:s3:::lab-photos-{ACCOUNT}-{REGION}/k", "arn:aws:s3:::lab/k"),
        ("s3:ListBucketVersions", f"arn:aws:s3:::lab-{ACCOUNT}-{REGION}", "arn:aws:s3:::lab-999999999999-x"),
        ("logs:DeleteLogGroup", _arn("logs", "log-group:/aws/lambda/f"), _arn("logs", "log-group:/aws/codebuild/f")),
        ("events:DeleteConnection", _arn("events", "connection/c/id"), _arn("events", "event-bus/c")),
        ("glacier:DeleteVault", _arn("glacier", "vaults/v"), _arn("glacier", "vaults/v", "999999999999")),
        (
            "lambda:DeleteEventSourceMapping",
            _arn("lambda", "event-source-mapping:1"),
            _arn("lambda", "event-source-mapping:1", region="us-east-1"),
        ),
        (
            "secretsmanager:DeleteSecret",
            _arn("secretsmanager", "secret:events!connection/c/id"),
            _arn("secretsmanager", "secret:mine"),
        ),
        ("states:StartExecution", _arn("states", "stateMachine:treino-reaper"), _arn("states", "stateMachine:m")),
        ("states:DeleteStateMachine", _arn("states", "stateMachine:treino-reaper"), _arn("states", "stateMachine:m")),
    ],
)
def test_what_has_no_tags_is_told_by_its_name(action: str, mine: str, other: str) -> None:
    assert _may(action, mine)
    assert not _may(action, other)


def test_buckets_are_the_account_s() -> None:
    """Names of buckets are any account's."""
    of_another, bucket = _WRITTEN.replace("ACCOUNT", "999999999999"), "arn:aws:s3:::lab-photos-999999999999-x"
    assert not _may("s3:DeleteBucket", bucket, of_another)
    assert not _may("s3:DeleteObject", f"{bucket}/k", of_another)


@pytest.mark.parametrize("action", ["iam:DeleteRole", "iam:DetachRolePolicy", "iam:DeleteRolePolicy"])
@pytest.mark.parametrize("name", ["LabRole", "treino", "treino-lab/r", "lab/treino/r"])
def test_roles_outside_its_path_are_nobody_s_business(action: str, name: str) -> None:
    resource = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    assert not _may(action, resource, **_MARK)


def test_its_own_role_is_not_among_them() -> None:
    assert not _may("iam:DeleteRole", f"arn:aws:iam::{ACCOUNT}:role/treino/treino-reaper")


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject", "iam:PassRole", "lambda:InvokeFunction"])
def test_it_reads_and_makes_nothing(action: str) -> None:
    bucket = f"arn:aws:s3:::lab-photos-{ACCOUNT}-{REGION}/k"
    resource: Any = {"s3": bucket}.get(action.split(":")[0], "*")
    assert not _may(action, resource, **_MARK)


def test_each_action_is_of_a_call_that_aws_has() -> None:
    for state in json.loads(DEFINITION.read_text())["States"].values():
        if state["Type"] == "Task":
            service, action = state["Resource"].split(":")[-2:]
            model: Any = responses._service_model(sdk_calls._SERVICES[service][1] or service)
            assert sdk_calls._operation_name(action) in model.operation_names
