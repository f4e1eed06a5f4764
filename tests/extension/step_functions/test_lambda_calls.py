"""Functions that executions call, by a running local AWS."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from functions_support import zipped
from processes import wait_for
from support import ACCOUNT, LocalAws

ROLE = f"arn:aws:iam::{ACCOUNT}:role/x"
CODE = """
class Own(Exception):
    pass
def handler(event, context):
    if event == "raise":
        raise Own("no")
    return event
"""


@pytest.fixture(scope="module")
def function(local_aws: LocalAws) -> Iterator[str]:
    functions = local_aws.client("lambda")
    made: str = functions.create_function(
        FunctionName="called",
        Role=ROLE,
        Handler="app.handler",
        Runtime="python3.13",
        Timeout=60,
        Code={"ZipFile": zipped({"app.py": CODE})},
    )["FunctionArn"]
    wait_for(lambda: functions.get_function_configuration(FunctionName="called")["State"] == "Active")
    yield made
    functions.delete_function(FunctionName="called")


def execution(local_aws: LocalAws, state: dict[str, Any], given: Any) -> dict[str, Any]:
    states = local_aws.client("stepfunctions")
    definition = json.dumps({"StartAt": "T", "States": {"T": {"Type": "Task", "End": True, **state}}})
    machine = states.create_state_machine(name="calls", definition=definition, roleArn=ROLE)["stateMachineArn"]
    arn = states.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    found: dict[str, Any] = wait_for(
        lambda: (told := states.describe_execution(executionArn=arn))["status"] != "RUNNING" and told
    )
    states.delete_state_machine(stateMachineArn=machine)
    return found


def optimized(function: str) -> dict[str, Any]:
    parameters = {"FunctionName": function, "Payload.$": "$"}
    return {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters, "OutputPath": "$.Payload"}


@pytest.mark.parametrize("value", ["123", "null", '{"a": 1}', "plain", "", None, 5, [1], {"a": "1"}])
def test_what_a_function_returns_is_the_result_as_it_is(local_aws: LocalAws, function: str, value: Any) -> None:
    for state in ({"Resource": function}, optimized(function)):
        found = execution(local_aws, state, value)
        assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", value)


def test_an_exception_is_the_error(local_aws: LocalAws, function: str) -> None:
    for state in ({"Resource": function}, optimized(function)):
        found = execution(local_aws, state, "raise")
        assert (found["status"], found["error"]) == ("FAILED", "Own")
        assert json.loads(found["cause"])["errorMessage"] == "no"


def test_a_function_that_is_throttled_or_not_there_says_so(local_aws: LocalAws, function: str) -> None:
    local_aws.client("lambda").put_function_concurrency(FunctionName="called", ReservedConcurrentExecutions=0)
    try:
        assert execution(local_aws, {"Resource": function}, 1)["error"] == "Lambda.TooManyRequestsException"
    finally:
        local_aws.client("lambda").delete_function_concurrency(FunctionName="called")
    found = execution(local_aws, {"Resource": f"{function}-not"}, 1)
    assert found["error"] == "Lambda.ResourceNotFoundException"
