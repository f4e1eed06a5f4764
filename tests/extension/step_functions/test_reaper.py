"""The reaper on the local AWS: what of a stack it deletes, what it leaves alone, and what it says of both."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from reaped import Fields, Reaped, at
from support import LocalAws


@pytest.fixture
def reaped(local_aws: LocalAws) -> Reaped:
    """An account of the test's own."""
    return Reaped(local_aws, "".join(secrets.choice("123456789") for _ in range(12)))


def _results(receipt: Fields) -> dict[str, str]:
    return {each["address"]: each["result"] for each in receipt["resources"]}


def _asked(reaped: Reaped, execution: str) -> dict[str, list[Fields]]:
    """The parameters of each call of an execution, by its name."""
    found: dict[str, list[Fields]] = {}
    for event in reaped.events(execution):
        if event["type"] == "TaskScheduled":
            details = event["taskScheduledEventDetails"]
            found.setdefault(details["resource"], []).append(json.loads(details["parameters"]))
    return found


def _until(what: Callable[[], Any]) -> None:
    while not what():
        time.sleep(0.02)


def _running(reaped: Reaped) -> list[str]:
    found = reaped.machines.list_executions(stateMachineArn=reaped.reaper, statusFilter="RUNNING")["executions"]
    return sorted(each["name"] for each in found)


def test_one_of_everything_is_deleted(reaped: Reaped) -> None:
    reaped.everything()
    assert len(reaped.found()) == len(reaped.steps)
    execution = reaped.start(begins=at(1))
    receipt = reaped.receipt(execution)
    assert reaped.found() == []
    # AWS deletes no rule that has targets.
    assert _asked(reaped, execution)["removeTargets"] == [
        {"Rule": "uploaded", "EventBusName": "default", "Ids": ["one"]}
    ]
    assert (receipt["complete"], receipt["left"], receipt["reaper"]) == (True, [], "kept")
    assert _results(receipt) == {step["address"]: "deleted" for step in reaped.steps}
    assert receipt["ended"] >= receipt["expires"]


def test_it_waits_until_its_time(reaped: Reaped) -> None:
    reaped.queue("jobs")
    execution = reaped.start(begins=at(3600))
    _until(lambda: [each for each in reaped.events(execution) if each["type"] == "WaitStateEntered"])
    assert len(reaped.found()) == 1
    reaped.machines.stop_execution(executionArn=execution)


def test_executions_that_run_are_stopped(reaped: Reaped) -> None:
    machine = reaped.machine("photos")
    runs = [reaped.machines.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(3)]
    receipt = reaped.receipt(reaped.start())
    assert receipt["complete"]
    assert reaped.found() == []
    # The local AWS forgets a machine's executions with it.
    for run in runs:
        with pytest.raises(reaped.machines.exceptions.ExecutionDoesNotExist):
            reaped.machines.describe_execution(executionArn=run)


def test_versions_delete_markers_and_uploads(reaped: Reaped) -> None:
    bucket, storage = reaped.bucket("photos"), reaped.client("s3")
    storage.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for number in range(200):
        # Characters that a URL has others for, that XML cannot hold, and long ones.
        key = (f"a b+%2B/{number}", f"\x01{number}", f"é{'x' * 1000}{number}")[number % 3 if number < 60 else 0]
        storage.put_object(Bucket=bucket, Key=key, Body=b"one")
        storage.put_object(Bucket=bucket, Key=key, Body=b"two")
        if number % 4 == 0:
            storage.delete_object(Bucket=bucket, Key=key)
    for number in range(3):
        storage.create_multipart_upload(Bucket=bucket, Key=f"a b+%2B/{number}")
    execution = reaped.start()
    assert reaped.receipt(execution)["complete"]
    assert reaped.found() == []
    # Page by page, and no answer is near the limit of 256 KiB.
    outputs = [
        each["taskSucceededEventDetails"]["output"]
        for each in reaped.events(execution)
        if "taskSucceededEventDetails" in each
    ]
    assert max(map(len, outputs)) < 200_000
    asked = _asked(reaped, execution)
    # 450 versions and markers, a hundred at a time; those whose keys XML cannot hold one by one.
    assert len(asked["listObjectVersions"]) < 8
    assert "\\u0001" not in json.dumps(asked["deleteObjects"])
    assert {each["Key"][0] for each in asked["deleteObject"]} == {"\x01"}
    assert len(asked["abortMultipartUpload"]) == 3
    # Page after page. The local AWS leaves out what is left of a key whose version ended a page that is deleted since.
    assert len(asked["deleteBucket"]) <= 2


def test_a_page_that_is_too_large_is_asked_for_by_half(reaped: Reaped) -> None:
    """A control character is six in JSON: a hundred keys of such are more than a state may have."""
    bucket, storage = reaped.bucket("photos"), reaped.client("s3")
    for number in range(60):
        storage.put_object(Bucket=bucket, Key=f"{number:04}" + "\x01" * 1000, Body=b"one")
    execution = reaped.start()
    assert reaped.receipt(execution)["complete"]
    assert reaped.found() == []
    failed = [
        each["taskFailedEventDetails"]["error"] for each in reaped.events(execution) if "taskFailedEventDetails" in each
    ]
    assert "States.DataLimitExceeded" in failed


def test_what_is_not_there_is_gone_already(reaped: Reaped) -> None:
    reaped.everything()
    reaped.client("dynamodb").delete_table(TableName="items")
    reaped.client("lambda").delete_function(FunctionName="thumbnail")
    reaped.client("sns").delete_topic(TopicArn=reaped.arn("sns", "news"))
    reaped.client("glacier").delete_vault(vaultName="lab-archive")
    reaped.machines.delete_state_machine(stateMachineArn=reaped.arn("states", "stateMachine:photos"))
    receipt = reaped.receipt(reaped.start())
    assert receipt["complete"]
    gone = {address for address, result in _results(receipt).items() if result == "gone"}
    assert gone == {"table.items", "function.thumbnail", "topic.news", "vault.lab-archive", "state_machine.photos"}
    assert reaped.found() == []


def test_an_empty_account_is_gone_already(reaped: Reaped, local_aws: LocalAws) -> None:
    """Each service's own words for what is not there."""
    other = Reaped(local_aws, "".join(secrets.choice("123456789") for _ in range(12)))
    other.everything()
    steps = json.loads(json.dumps(other.steps).replace(other.account, reaped.account))
    receipt = reaped.receipt(reaped.start(steps=steps))
    assert set(_results(receipt).values()) == {"gone"}
    assert receipt["complete"]
    assert len(other.found()) == len(other.steps)


def _taken(reaped: Reaped, **tags: str) -> None:
    """Every resource is another's, by its own service's calls."""
    tags = {**reaped.tags("anything"), **tags}
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    by_kind = {step["kind"]: step for step in reaped.steps}
    arn = {kind: step["arn"] for kind, step in by_kind.items()}
    reaped.client("events").tag_resource(ResourceARN=arn["rule"], Tags=pairs)
    reaped.client("cloudtrail").add_tags(ResourceId=arn["trail"], TagsList=pairs)
    reaped.machines.tag_resource(
        resourceArn=arn["state_machine"], tags=[{k.lower(): v for k, v in each.items()} for each in pairs]
    )
    reaped.client("lambda").tag_resource(Resource=arn["function"], Tags=tags)
    for step in reaped.steps:
        if step["kind"] == "log_group":
            reaped.client("logs").tag_resource(resourceArn=step["arn"], tags=tags)
    tag_set = [{"Key": key, "Value": value} for key, value in tags.items()]
    reaped.client("s3").put_bucket_tagging(Bucket=by_kind["bucket"]["name"], Tagging={"TagSet": tag_set})
    reaped.client("dynamodb").tag_resource(ResourceArn=arn["table"], Tags=pairs)
    reaped.client("glacier").add_tags_to_vault(vaultName=by_kind["vault"]["name"], Tags=tags)
    words = " ".join(f"{key.removeprefix('treino:')}={value}" for key, value in tags.items())
    reaped.client("events").update_connection(Name=by_kind["connection"]["name"], Description=f"[treino {words}]")
    control = reaped.client("s3control")
    control.tag_resource(AccountId=reaped.account, ResourceArn=arn["directory_bucket"], Tags=pairs)
    reaped.client("sns").tag_resource(ResourceArn=arn["topic"], Tags=pairs)
    url = reaped.client("sqs").get_queue_url(QueueName=by_kind["queue"]["name"])["QueueUrl"]
    reaped.client("sqs").tag_queue(QueueUrl=url, Tags=tags)
    reaped.client("iam").tag_role(RoleName=by_kind["role"]["name"], Tags=pairs)


@pytest.mark.parametrize("tags", [{"treino:owner": "ben"}, {"treino:stack": "other"}])
def test_what_is_another_s_is_left_alone_and_named(reaped: Reaped, tags: dict[str, str]) -> None:
    reaped.everything()
    _taken(reaped, **tags)
    receipt = reaped.receipt(reaped.start())
    assert set(_results(receipt).values()) == {"not_ours"}, receipt
    assert len(reaped.found()) == len(reaped.steps)
    # Nothing of the stack is left.
    assert (receipt["complete"], receipt["left"]) == (True, [])


def test_without_an_owner_an_owner_s_is_another_s(reaped: Reaped) -> None:
    reaped.queue("jobs")
    receipt = reaped.receipt(reaped.start(owner=""))
    assert _results(receipt) == {"queue.jobs": "not_ours"}


def test_only_what_the_plan_says_is_the_stack_s_without_a_mark(reaped: Reaped) -> None:
    reaped.log_group("/aws/lambda/f", marked=False)
    reaped.log_group("/somebody/else", marked=False)
    del reaped.steps[1]["unmarked"]
    bucket = reaped.bucket("photos")
    reaped.client("s3").delete_bucket_tagging(Bucket=bucket)
    receipt = reaped.receipt(reaped.start())
    assert list(_results(receipt).values()) == ["deleted", "not_ours", "not_ours"]
    assert reaped.found() == ["/somebody/else", bucket]


def test_what_was_extended_meanwhile_is_not_due(reaped: Reaped) -> None:
    """An execution of before the extension, which nobody has stopped."""
    for name, ends in (("later", at(3600)[:19] + "Z"), ("now", at(-1)[:19] + "Z"), ("unclear", "tomorrow")):
        reaped.queue(name)
        url = reaped.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        reaped.client("sqs").tag_queue(QueueUrl=url, Tags={"treino:expires": ends})
    receipt = reaped.receipt(reaped.start())
    assert list(_results(receipt).values()) == ["not_due", "deleted", "deleted"]
    assert (receipt["complete"], receipt["left"], len(reaped.found())) == (False, [], 1)


def test_what_cannot_be_deleted_is_noted_and_the_rest_goes_on(reaped: Reaped) -> None:
    locked = reaped.bucket("locked", ObjectLockEnabledForBucket=True)
    storage = reaped.client("s3")
    for number in range(150):
        storage.put_object(Bucket=locked, Key=f"free-{number:03}", Body=b"one")
    until = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": "2040-01-01T00:00:00Z"}
    storage.put_object(Bucket=locked, Key="free-075-kept", Body=b"one", **until)
    reaped.queue("jobs")
    receipt = reaped.receipt(reaped.start())
    assert _results(receipt) == {f"bucket.{locked}": "failed", "queue.jobs": "deleted"}
    assert (receipt["complete"], receipt["left"]) == (False, [f"bucket.{locked}"])
    assert "free-075-kept" in receipt["resources"][0]["error"]
    assert [each["Key"] for each in storage.list_object_versions(Bucket=locked)["Versions"]] == ["free-075-kept"]
    assert reaped.found() == [locked]


def test_a_vault_with_archives_stays_and_is_named(reaped: Reaped) -> None:
    reaped.vault("lab-archive", marked=True)
    reaped.client("glacier").upload_archive(vaultName="lab-archive", body=b"one")
    reaped.topic("news")
    receipt = reaped.receipt(reaped.start())
    assert _results(receipt) == {"vault.lab-archive": "failed", "topic.news": "deleted"}
    assert receipt["left"] == ["vault.lab-archive"]
    assert "glacier:deleteVault" in receipt["resources"][0]["error"]


def test_a_call_of_a_newer_plan_is_noted(reaped: Reaped) -> None:
    reaped.queue("jobs")
    reaped.steps[0]["calls"].insert(0, {"call": "sqs:meltQueue", "input": {}})
    receipt = reaped.receipt(reaped.start())
    # The call that is known came after it.
    assert reaped.found() == []
    assert _results(receipt) == {"queue.jobs": "gone"}


def test_several_executions_follow_one_another(reaped: Reaped) -> None:
    reaped.everything()
    bucket, storage = reaped.steps[6]["name"], reaped.client("s3")
    for number in range(250):
        storage.put_object(Bucket=bucket, Key=str(number), Body=b"one")
    first = reaped.start(name="lab.ana--1", most_calls=5)
    receipt = reaped.receipt(first)
    assert receipt["complete"]
    assert _results(receipt) == {step["address"]: "deleted" for step in reaped.steps}
    assert reaped.found() == []
    executions = reaped.machines.list_executions(stateMachineArn=reaped.reaper)["executions"]
    names = sorted((each["name"] for each in executions), key=lambda name: int(name.rpartition("--")[2]))
    assert names == [f"lab.ana--{number}" for number in range(1, len(names) + 1)]
    assert len(names) > 8
    for execution in executions:
        events = reaped.events(execution["executionArn"])
        # A page of objects goes before the next execution, not with it.
        assert len([event for event in events if event["type"] == "TaskScheduled"]) <= 12


def test_the_last_execution_deletes_its_machine(reaped: Reaped) -> None:
    reaped.queue("jobs")
    waiting = reaped.start(name="other", begins=at(3600), steps=[])
    assert reaped.receipt(reaped.start(name="one", keep=None))["reaper"] == "kept"
    assert reaped.found() == []
    assert _running(reaped) == ["other"]
    reaped.queue("more")
    reaped.machines.stop_execution(executionArn=waiting)
    reaped.start(name="two", keep=None)
    _until(lambda: not reaped.machines.list_state_machines()["stateMachines"])
    assert reaped.found() == []


def _limits(reaped: Reaped, runs: int, then: str) -> Fields:
    """Of the stack's machine, and its rule."""
    rule, machine = reaped.steps
    stop = [
        {**rule, "calls": [{"call": "eventbridge:disableRule", "input": {"Name": rule["name"]}}]},
        {**machine, "calls": machine["calls"][:1]},
    ]
    return {"runs": runs, "machines": [machine["arn"]], "since": at(-60), "every": 1, "then": then, "stop": stop}


def _loop(reaped: Reaped) -> str:
    """A machine that somebody starts, and an execution that does not end by itself."""
    reaped.rule("uploaded", "jobs")
    slow = {"Type": "Choice", "Choices": [{"Variable": "$.slow", "IsPresent": True, "Next": "B"}], "Default": "C"}
    states = {"A": slow, "B": {"Type": "Wait", "Seconds": 9_999, "End": True}, "C": {"Type": "Succeed"}}
    machine = reaped.machine("photos", {"StartAt": "A", "States": states})
    reaped.machines.start_execution(stateMachineArn=machine, input='{"slow": 1}')
    return machine


def _runs(reaped: Reaped, machine: str, count: int) -> None:
    for _ in range(count):
        reaped.machines.start_execution(stateMachineArn=machine, input="{}")


def test_a_limit_that_is_passed_ends_the_stack(reaped: Reaped) -> None:
    machine = _loop(reaped)
    # Before its time.
    ends = [{"Key": "treino:expires", "Value": at(3600)[:19] + "Z"}]
    reaped.client("events").tag_resource(ResourceARN=reaped.steps[0]["arn"], Tags=ends)
    execution = reaped.start(begins=at(3600), limits=_limits(reaped, 5, "end"))
    _runs(reaped, machine, 3)
    _until(lambda: len([each for each in reaped.events(execution) if each["type"] == "WaitStateExited"]) > 1)
    assert _running(reaped) == ["lab.ana--1"]
    _runs(reaped, machine, 3)
    receipt = reaped.receipt(execution)
    assert receipt["stopped"]["runs"] >= 6
    assert receipt["complete"]
    assert reaped.found() == []


def test_a_limit_may_only_stop(reaped: Reaped) -> None:
    machine = _loop(reaped)
    _runs(reaped, machine, 4)
    execution = reaped.start(begins=at(3600), limits=_limits(reaped, 4, "stop"))
    continued = json.loads(reaped.described(execution)["output"])["continued"]
    # What goes on says in its input that it was stopped, and counts no longer.
    waiting = json.loads(reaped.machines.describe_execution(executionArn=continued)["input"])
    assert waiting["state"]["stopped"]["runs"] == 5
    assert "limits" not in waiting
    assert reaped.client("events").describe_rule(Name="uploaded")["State"] == "DISABLED"
    running = reaped.machines.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
    assert running == []
    assert len(reaped.found()) == 2
    # It waits for its end, which comes now.
    assert _running(reaped) == ["lab.ana--2"]
    reaped.machines.stop_execution(executionArn=continued)
    receipt = reaped.receipt(reaped.start(name="at-once", **{**waiting, "begins": at(0)}))
    assert (receipt["stopped"]["runs"], receipt["complete"]) == (5, True)
    assert reaped.found() == []


def test_a_limit_without_an_end_stops_and_deletes_nothing(reaped: Reaped) -> None:
    machine = _loop(reaped)
    _runs(reaped, machine, 4)
    execution = reaped.start(begins=None, expires=None, limits=_limits(reaped, 4, "stop"))
    continued = json.loads(reaped.described(execution)["output"])["continued"]
    # What tells of it waits, so that the machine is kept, too.
    waiting = reaped.machines.describe_execution(executionArn=continued)
    assert waiting["status"] == "RUNNING"
    stopped = json.loads(waiting["input"])["state"]["stopped"]
    assert (stopped["runs"], stopped["limit"]) == (5, 4)
    _until(lambda: [each for each in reaped.events(continued) if each["type"] == "WaitStateEntered"])
    assert len(reaped.found()) == 2
    reaped.machines.stop_execution(executionArn=continued)


def test_a_limit_that_is_not_passed_lets_the_stack_live_to_its_end(reaped: Reaped) -> None:
    machine = _loop(reaped)
    _runs(reaped, machine, 4)
    # Each wake is a call: three executions follow one another.
    receipt = reaped.receipt(reaped.start(begins=at(3), most_calls=1, limits=_limits(reaped, 5, "end")))
    assert "stopped" not in receipt
    assert receipt["complete"]
    assert reaped.found() == []


def test_what_is_another_s_is_not_stopped(reaped: Reaped) -> None:
    machine = _loop(reaped)
    _runs(reaped, machine, 4)
    arn = reaped.steps[0]["arn"]
    reaped.client("events").tag_resource(ResourceARN=arn, Tags=[{"Key": "treino:owner", "Value": "ben"}])
    receipt = reaped.receipt(reaped.start(begins=at(3600), limits=_limits(reaped, 4, "end")))
    assert _results(receipt) == {"rule.uploaded": "not_ours", "state_machine.photos": "deleted"}
    assert reaped.client("events").describe_rule(Name="uploaded")["State"] == "ENABLED"
