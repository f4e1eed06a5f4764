"""Which policies are enforced by `local up --enforce`, and which are not. docs/local-aws.md names these tests."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support import ACCOUNT, LocalAws

_PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/machines"


@pytest.fixture(scope="module")
def enforced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    started = LocalAws(tmp_path_factory.mktemp("enforced"), AUTH="true")
    started.wait()
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    started.client("iam").create_role(RoleName="machines", AssumeRolePolicyDocument=document)
    started.client("iam").create_user(UserName="ana")
    yield started
    started.end()


@pytest.fixture
def as_user(enforced: LocalAws) -> Iterator[Callable[..., Any]]:
    """A client of a user who may do what the statement says."""
    iam = enforced.client("iam")
    key = iam.create_access_key(UserName="ana")["AccessKey"]

    def client(service: str, action: str, resource: Any = "*", **condition: dict[str, str]) -> Any:
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        if condition:
            statement["Condition"] = condition
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="ana", PolicyName="one", PolicyDocument=document)
        return enforced.client(service, key["AccessKeyId"], secret=key["SecretAccessKey"])

    yield client
    iam.delete_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"])


def _denied(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    assert error.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
    return str(error.value.response["Error"]["Message"])


def _function(name: str) -> dict[str, Any]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "def handler(event, context):\n    return event\n")
    code = {"ZipFile": archive.getvalue()}
    return {"FunctionName": name, "Runtime": "python3.12", "Handler": "app.handler", "Role": _ROLE, "Code": code}


def test_a_user_may_do_what_its_policy_allows(as_user: Callable[..., Any]) -> None:
    s3 = as_user("s3", "s3:ListAllMyBuckets")
    assert s3.list_buckets()["Buckets"] == []
    assert "is not authorized to perform: s3:CreateBucket" in _denied(s3.create_bucket, Bucket="of-nobody")


def test_tags_of_a_request_and_of_a_function_are_conditions(as_user: Callable[..., Any]) -> None:
    functions = as_user("lambda", "lambda:*", StringEquals={"aws:RequestTag/lab": "one"})
    _denied(functions.create_function, **_function("tagged"), Tags={"lab": "two"})
    functions.create_function(**_function("tagged"), Tags={"lab": "one"})
    for lab, allowed in (("one", True), ("two", False)):
        functions = as_user("lambda", "lambda:*", StringEquals={"aws:ResourceTag/lab": lab})
        if allowed:
            assert functions.get_function(FunctionName="tagged")["Tags"] == {"lab": "one"}
        else:
            _denied(functions.get_function, FunctionName="tagged")


def test_tags_of_a_machine_are_no_conditions(enforced: LocalAws, as_user: Callable[..., Any]) -> None:
    """AWS: both are allowed."""
    tags = [{"key": "lab", "value": "one"}]
    given = {"definition": _PASS, "roleArn": _ROLE, "tags": tags}
    arn = enforced.client("stepfunctions").create_state_machine(name="tagged", **given)["stateMachineArn"]
    machines = as_user("stepfunctions", "states:*", StringEquals={"aws:ResourceTag/lab": "one"})
    _denied(machines.describe_state_machine, stateMachineArn=arn)
    machines = as_user("stepfunctions", "states:*", StringEquals={"aws:RequestTag/lab": "one"})
    _denied(machines.create_state_machine, name="another", **given)


def test_a_role_is_passed_and_tags_are_set_without_leave(as_user: Callable[..., Any]) -> None:
    """AWS: asks for iam:PassRole, and for lambda:TagResource."""
    functions = as_user("lambda", "lambda:CreateFunction")
    assert functions.create_function(**_function("passed"), Tags={"lab": "one"})["Role"] == _ROLE


def test_the_calls_of_a_machine_are_not_asked_for(enforced: LocalAws) -> None:
    """AWS: FAILED, as the role allows nothing."""
    machines = enforced.client("stepfunctions")
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "End": True}
    definition = json.dumps({"StartAt": "A", "States": {"A": task}})
    arn = machines.create_state_machine(name="calls", definition=definition, roleArn=_ROLE)["stateMachineArn"]
    execution = machines.start_execution(stateMachineArn=arn)["executionArn"]
    while (found := machines.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.05)
    assert found["status"] == "SUCCEEDED"


def test_no_resource_is_every_resource(as_user: Callable[..., Any]) -> None:
    """AWS: refuses the policy."""
    assert as_user("s3", "s3:ListAllMyBuckets", resource=[]).list_buckets()["Buckets"] == []


def test_a_directory_bucket_s_session_does_what_its_maker_may(enforced: LocalAws, as_user: Callable[..., Any]) -> None:
    location = {"Type": "AvailabilityZone", "Name": "euc1-az1"}
    bucket = {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"}
    name = f"lab--{location['Name']}--x-s3"
    # boto3 begins a session by itself, and signs with its credentials.
    make = {"Bucket": name, "CreateBucketConfiguration": {"Location": location, "Bucket": bucket}}
    _denied(as_user("s3", "s3express:CreateSession").create_bucket, **make)
    _denied(as_user("s3", "s3express:CreateBucket").create_bucket, **make)
    as_user("s3", ["s3express:CreateSession", "s3express:CreateBucket"]).create_bucket(**make)
    user = as_user("s3", "s3express:CreateSession")
    user.put_object(Bucket=name, Key="k", Body=b"one")
    assert user.get_object(Bucket=name, Key="k")["Body"].read() == b"one"
    _denied(user.delete_bucket, Bucket=name)
    _denied(as_user("s3", "s3:*").get_object, Bucket=name, Key="k")
    # A session of a role, too.
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    role = enforced.client("iam").create_role(
        RoleName="reader", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    policy = {"Effect": "Allow", "Action": "s3express:CreateSession", "Resource": "*"}
    enforced.client("iam").put_role_policy(
        RoleName="reader",
        PolicyName="one",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
    )
    given = as_user("sts", "sts:AssumeRole").assume_role(RoleArn=role, RoleSessionName="one")["Credentials"]
    reader = enforced.client("s3", given["AccessKeyId"], secret=given["SecretAccessKey"], token=given["SessionToken"])
    assert reader.get_object(Bucket=name, Key="k")["Body"].read() == b"one"
