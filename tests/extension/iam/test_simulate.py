"""SimulateCustomPolicy, and SimulatePrincipalPolicy for whoever is not there."""

import json
import re
from typing import Any

import pytest
from treino_local.iam import simulate


def _decisions(statement: dict[str, Any], actions: list[str], resources: list[str], **context: str) -> list[str]:
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    given = {"PolicyInputList.member.1": document}
    given |= {f"ActionNames.member.{at}": each for at, each in enumerate(actions, 1)}
    given |= {f"ResourceArns.member.{at}": each for at, each in enumerate(resources, 1)}
    for at, (key, value) in enumerate(context.items(), 1):
        given[f"ContextEntries.member.{at}.ContextKeyName"] = key.replace("__", ":")
        given[f"ContextEntries.member.{at}.ContextKeyValues.member.1"] = value
    query = {name: [value] for name, value in given.items()}
    status, _, body = simulate.custom_policy(lambda: (500, {}, b""), query)
    assert status == 200
    return re.findall("<EvalDecision>(.*?)</EvalDecision>", body.decode())


_ALLOW = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::a/*"}


def test_every_action_is_asked_of_every_resource() -> None:
    actions, resources = ["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::a/k", "arn:aws:s3:::b/k"]
    assert _decisions(_ALLOW, actions, resources) == ["allowed", "implicitDeny", "implicitDeny", "implicitDeny"]


def test_without_a_resource_all_are_meant() -> None:
    assert _decisions({**_ALLOW, "Resource": "*"}, ["s3:GetObject"], []) == ["allowed"]
    assert _decisions(_ALLOW, ["s3:GetObject"], []) == ["implicitDeny"]


def test_what_is_denied_says_so() -> None:
    assert _decisions({**_ALLOW, "Effect": "Deny"}, ["s3:GetObject"], ["arn:aws:s3:::a/k"]) == ["explicitDeny"]


@pytest.mark.parametrize(("tag", "decision"), [("lab", "allowed"), ("other", "implicitDeny"), ("", "implicitDeny")])
def test_the_keys_of_conditions_are_known(tag: str, decision: str) -> None:
    statement = {**_ALLOW, "Condition": {"StringEquals": {"aws:RequestTag/Stack": "lab"}}}
    context = {"aws__RequestTag/Stack": tag} if tag else {}
    assert _decisions(statement, ["s3:GetObject"], ["arn:aws:s3:::a/k"], **context) == [decision]


def test_nobody_is_no_such_entity() -> None:
    query = {
        "PolicySourceArn": ["arn:aws:iam::123456789012:role/labs/nobody"],
        "ActionNames.member.1": ["s3:GetObject"],
    }
    status, _, body = simulate.principal_policy(lambda: (500, {}, b""), query)
    assert (status, b"<Code>NoSuchEntity</Code>" in body) == (404, True)


def test_no_action_is_invalid() -> None:
    assert simulate.custom_policy(lambda: (500, {}, b""), {})[0] == 400
