"""What is wrong with a policy of a resource, as far as its text tells."""

import json
from typing import Any

import pytest
from treino_local.iam import policies

_ARN = "arn:aws:glacier:eu-central-1:123456789012:vaults/v"
_STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "glacier:UploadArchive", "Resource": _ARN}


def _fault(statement: Any, **others: Any) -> str | None:
    return policies.fault(json.dumps({"Statement": statement, **others}), "glacier", [_ARN])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Action": ["glacier:ListTagsForVault", "*"]},
        {"Action": "Glacier:*"},
        {"Principal": {"AWS": ["arn:aws:iam::123456789012:root", "210987654321"]}},
        {"Principal": {"Service": "glacier.amazonaws.com"}},
        {"Sid": "one", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    ],
)
def test_a_sound_policy(changes: dict[str, Any]) -> None:
    statement = {**_STATEMENT, **changes}
    assert _fault(statement) is None
    assert _fault([statement, statement], Version="2012-10-17", Id="x") is None


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"Effect": "allow"}, "the Effect of a statement is neither Allow nor Deny."),
        ({"NotAction": "glacier:*"}, "a statement needs either Action or NotAction."),
        ({"Action": "s3:GetObject"}, "an action is none of glacier: s3:GetObject."),
        ({"Action": []}, "an action is none of glacier: None."),
        ({"Resource": _ARN + "x"}, f"a resource is not {_ARN}: {_ARN}x."),
        ({"Principal": "me"}, "the Principal of a statement is neither *"),
        ({"Principal": {"Somebody": "x"}}, "the Principal of a statement is neither *"),
        ({"Principal": {}}, "the Principal of a statement is neither *"),
        ({"Conditions": {}}, "a statement has an unknown element Conditions."),
        ({"Condition": []}, "the Condition of a statement is no map."),
    ],
)
def test_a_faulty_statement(changes: dict[str, Any], fault: str) -> None:
    found = _fault({**_STATEMENT, **changes})
    assert found is not None
    assert found.startswith(fault)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"Statement": []}', '{"Statement": ["x"]}', '{"Version": 1}'])
def test_a_text_that_is_no_policy(text: str) -> None:
    assert policies.fault(text, "glacier", [_ARN])


def test_a_version_that_there_is_not() -> None:
    assert _fault(_STATEMENT, Version="2013-01-01") == "its Version is none of 2008-10-17, 2012-10-17."


def test_a_resource_of_all_that_is_within() -> None:
    statement = {**_STATEMENT, "Action": "s3express:CreateSession", "Resource": "arn:b/key"}
    assert policies.fault(json.dumps({"Statement": statement}), "s3express", ["arn:b", "arn:b/*"]) is None
    assert policies.fault(json.dumps({"Statement": statement}), "s3express", ["arn:b"])
