"""Executions of a running local AWS: started, stopped, nested, described."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest
from ministack.services import stepfunctions
from support import LocalAws
from treino_local.step_functions import start_and_stop

ROLE = "arn:aws:iam::123456789012:role/lab"
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 999, "End": True}}}
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


def made(states: Any, machine: dict[str, Any], **options: Any) -> str:
    name = f"machine-{uuid.uuid4()}"
    answer = states.create_state_machine(name=name, definition=json.dumps(machine), roleArn=ROLE, **options)
    return str(answer["stateMachineArn"])


def ended(states: Any, arn: str) -> dict[str, Any]:
    while True:
        found: dict[str, Any] = states.describe_execution(executionArn=arn)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.02)


def history(states: Any, arn: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = states.get_execution_history(executionArn=arn, maxResults=1000)["events"]
    return found


def nested(machine: str, mode: str) -> dict[str, Any]:
    resource = f"arn:aws:states:::states:startExecution{mode}"
    task = {"Type": "Task", "Resource": resource, "Parameters": {"StateMachineArn": machine, "Input": {"a": 1}}}
    return {"StartAt": "T", "States": {"T": {**task, "End": True}}}


def test_an_execution_that_is_stopped_stops_what_it_waits_for(local_aws: LocalAws) -> None:
    states = local_aws.client("stepfunctions")
    child = made(states, WAIT)
    arn = states.start_execution(stateMachineArn=made(states, nested(child, ".sync")))["executionArn"]
    while not states.list_executions(stateMachineArn=child)["executions"]:
        time.sleep(0.02)
    states.stop_execution(executionArn=arn, error="Mine", cause="enough")
    found = ended(states, arn)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Mine", "enough")
    inner = states.list_executions(stateMachineArn=child)["executions"][0]["executionArn"]
    assert ended(states, inner)["status"] == "ABORTED"
    assert history(states, arn)[-1]["type"] == "ExecutionAborted"
    # Once more is no error.
    states.stop_execution(executionArn=arn)


def test_nested_executions(local_aws: LocalAws) -> None:
    states = local_aws.client("stepfunctions")
    child = made(states, PASS)
    for mode, output in ((".sync", '{"a":1}'), (".sync:2", {"a": 1})):
        found = ended(states, states.start_execution(stateMachineArn=made(states, nested(child, mode)))["executionArn"])
        assert json.loads(found["output"])["Output"] == output
    arn = states.start_execution(stateMachineArn=made(states, nested(child, "")))["executionArn"]
    assert set(json.loads(ended(states, arn)["output"])) == {"ExecutionArn", "StartDate"}
    failing = made(states, {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "c"}}})
    arn = states.start_execution(stateMachineArn=made(states, nested(failing, ".sync")))["executionArn"]
    found = ended(states, arn)
    cause = json.loads(found["cause"])
    assert (found["error"], cause["Status"], cause["Error"]) == ("States.TaskFailed", "FAILED", "E")
    assert [event["type"] for event in history(states, arn)][2:6] == [
        "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskFailed",
    ]  # fmt: skip


def test_what_is_described(local_aws: LocalAws) -> None:
    states = local_aws.client("stepfunctions")
    failing = made(states, {"StartAt": "F", "States": {"F": {"Type": "Fail"}}})
    found = ended(states, states.start_execution(stateMachineArn=failing)["executionArn"])
    assert found["redriveStatus"] == "REDRIVABLE"
    assert not {"error", "cause", "output"} & set(found)
    timed = made(states, {**WAIT, "TimeoutSeconds": 1})
    found = ended(states, states.start_execution(stateMachineArn=timed)["executionArn"])
    assert found["status"] == "TIMED_OUT"
    assert not {"error", "cause", "output"} & set(found)


def test_a_name_is_taken_once(local_aws: LocalAws) -> None:
    states = local_aws.client("stepfunctions")
    machine = made(states, WAIT)
    first = states.start_execution(stateMachineArn=machine, name="n", input='{"a":1}')
    assert states.start_execution(stateMachineArn=machine, name="n", input='{"a":1}') | {"ResponseMetadata": 0} == (
        first | {"ResponseMetadata": 0}
    )
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=machine, name="n", input="{}")
    with pytest.raises(states.exceptions.InvalidExecutionInput):
        states.start_execution(stateMachineArn=machine, input="{")
    states.stop_execution(executionArn=first["executionArn"])


def test_a_version_runs_its_own_definition(local_aws: LocalAws) -> None:
    states = local_aws.client("stepfunctions")
    machine = made(states, {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 1, "End": True}}}, publish=True)
    version = states.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"][0]
    newer = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": 2, "End": True}}}
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(newer))
    for arn, output in ((version["stateMachineVersionArn"], "1"), (machine, "2")):
        assert ended(states, states.start_execution(stateMachineArn=arn)["executionArn"])["output"] == output


def test_map_runs(local_aws: LocalAws) -> None:
    states = local_aws.client("stepfunctions")
    objects = local_aws.client("s3")
    bucket = f"bucket-{uuid.uuid4()}"
    region = {"LocationConstraint": objects.meta.region_name}
    objects.create_bucket(Bucket=bucket, CreateBucketConfiguration=region)
    objects.put_object(Bucket=bucket, Key="data.csv", Body=b"a,b\n1,2\n3,4\n5,6\n")
    place = {"Bucket": bucket, "Key": "data.csv"}
    config = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}
    mode = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    state: dict[str, Any] = {
        "Type": "Map",
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": config, "Parameters": place},
        "ItemBatcher": {"MaxItemsPerBatch": 2},
        "ItemProcessor": {"ProcessorConfig": mode, **PASS},
        "ResultWriter": {
            "Resource": "arn:aws:states:::s3:putObject",
            "Parameters": {"Bucket": bucket, "Prefix": "out"},
        },
        "End": True,
    }
    machine = made(states, {"StartAt": "M", "States": {"M": state}})
    found = ended(states, states.start_execution(stateMachineArn=machine)["executionArn"])
    output = json.loads(found["output"])
    manifest = json.load(objects.get_object(Bucket=bucket, Key=output["ResultWriterDetails"]["Key"])["Body"])
    written = manifest["ResultFiles"]["SUCCEEDED"][0]["Key"]
    results = json.load(objects.get_object(Bucket=bucket, Key=written)["Body"])
    items = [item for each in results for item in json.loads(each["Output"])["Items"]]
    assert items == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}, {"a": "5", "b": "6"}]
    run = states.describe_map_run(mapRunArn=output["MapRunArn"])
    assert (run["status"], run["itemCounts"]["succeeded"], run["executionCounts"]["succeeded"]) == ("SUCCEEDED", 3, 2)
    children = states.list_executions(mapRunArn=output["MapRunArn"])["executions"]
    assert [event["type"] for event in history(states, children[0]["executionArn"])] == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    state["ItemReader"]["Parameters"]["Key"] = "missing"
    missing = made(states, {"StartAt": "M", "States": {"M": state}})
    found = ended(states, states.start_execution(stateMachineArn=missing)["executionArn"])
    assert found["error"] == "States.ItemReaderFailed"


def test_an_activity(local_aws: LocalAws) -> None:
    states = local_aws.client("stepfunctions")
    activity = states.create_activity(name=f"activity-{uuid.uuid4()}")["activityArn"]
    machine = made(states, {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": activity, "End": True}}})
    arn = states.start_execution(stateMachineArn=machine, input='{"a":1}')["executionArn"]
    task = states.get_activity_task(activityArn=activity, workerName="somebody")
    assert task["input"] == '{"a":1}'
    states.send_task_heartbeat(taskToken=task["taskToken"])
    states.send_task_success(taskToken=task["taskToken"], output="[1]")
    assert ended(states, arn)["output"] == "[1]"
    kinds = [event["type"] for event in history(states, arn)]
    assert kinds[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert history(states, arn)[3]["activityStartedEventDetails"] == {"workerName": "somebody"}


def test_what_ran_when_the_process_ended_has_failed() -> None:
    arn = "arn:aws:states:eu-central-1:123456789012:execution:machine:interrupted"
    record: dict[str, Any] = {"executionArn": arn, "status": "RUNNING", "output": None, "events": [{"id": 1}]}
    stepfunctions._executions[arn] = record
    try:
        assert start_and_stop.end_interrupted() == 1
        assert (record["status"], record["error"], record["cause"]) == (
            "FAILED", "States.Runtime", start_and_stop.INTERRUPTED,
        )  # fmt: skip
        last = record["events"][-1]
        assert (last["id"], last["type"]) == (2, "ExecutionFailed")
        assert start_and_stop.end_interrupted() == 0
    finally:
        del stepfunctions._executions[arn]
