"""What the local AWS holds outlives its processes, however they end."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from processes import Killable, kill, wait_for
from support import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/kept"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:kept"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:kept"
ZONE = "euc1-az1"
DIRECTORY = f"kept--{ZONE}--x-s3"


def machine(seconds: int) -> str:
    return json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}})


def fill(local: Killable) -> None:
    s3, iam = local.client("s3"), local.client("iam")
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_tagging(Bucket="kept", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    s3.put_object(Bucket="kept", Key="k/1 ü", Body=b"one", Metadata={"m": "1"}, Tagging="t=1")
    s3.put_object(Bucket="kept", Key="large", Body=b"x" * 6_000_000)
    s3.create_bucket(
        Bucket=DIRECTORY,
        CreateBucketConfiguration={
            "Location": {"Type": "AvailabilityZone", "Name": ZONE},
            "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"},
        },
    )
    iam.create_role(RoleName="kept", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="kept", PolicyName="p", PolicyDocument=json.dumps(POLICY))
    local.client("dynamodb").create_table(
        TableName="kept",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    local.client("dynamodb").put_item(TableName="kept", Item={"k": {"S": "1"}, "b": {"B": b"\x00\xff"}})
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("app.py", "def h(event, context):\n    return event\n")
    local.client("lambda").create_function(
        FunctionName="kept",
        Runtime="python3.12",
        Role=ROLE,
        Handler="app.h",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"A": "1"}},
    )
    local.client("logs").create_log_group(logGroupName="kept", tags={"a": "b"})
    states = local.client("stepfunctions")
    states.create_state_machine(
        name="kept", definition=machine(0), roleArn=ROLE, tracingConfiguration={"enabled": True}
    )
    events = local.client("events")
    events.put_rule(Name="kept", EventPattern='{"source": ["a"]}')
    events.put_targets(Rule="kept", Targets=[{"Id": "1", "Arn": MACHINE, "RoleArn": ROLE}])
    events.create_connection(
        Name="kept",
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "n", "ApiKeyValue": "v"}},
    )
    glacier = local.client("glacier")
    glacier.create_vault(vaultName="kept")
    glacier.add_tags_to_vault(vaultName="kept", Tags={"a": "b"})


def seen(local: Killable) -> dict[str, Any]:
    """What there is, by what AWS would be asked."""
    s3, iam, events = local.client("s3"), local.client("iam"), local.client("events")
    bodies = {}
    for key in ("k/1 ü", "large"):
        answer = s3.get_object(Bucket="kept", Key=key)
        bodies[key] = [len(answer["Body"].read()), answer["ETag"], answer["Metadata"]]
    found = {
        "bodies": bodies,
        "object tags": s3.get_object_tagging(Bucket="kept", Key="k/1 ü")["TagSet"],
        "bucket tags": s3.get_bucket_tagging(Bucket="kept")["TagSet"],
        "buckets": s3.list_buckets()["Buckets"],
        "directories": s3.list_directory_buckets()["Buckets"],
        "role": iam.get_role(RoleName="kept")["Role"],
        "policy": iam.get_role_policy(RoleName="kept", PolicyName="p")["PolicyDocument"],
        "table": local.client("dynamodb").describe_table(TableName="kept")["Table"],
        "item": local.client("dynamodb").get_item(TableName="kept", Key={"k": {"S": "1"}})["Item"],
        "function": local.client("lambda").get_function_configuration(FunctionName="kept"),
        "groups": local.client("logs").describe_log_groups()["logGroups"],
        "machine": local.client("stepfunctions").describe_state_machine(stateMachineArn=MACHINE),
        "rule": events.describe_rule(Name="kept"),
        "targets": events.list_targets_by_rule(Rule="kept")["Targets"],
        "connection": events.describe_connection(Name="kept"),
        "secrets": local.client("secretsmanager").list_secrets()["SecretList"],
        "vault": local.client("glacier").describe_vault(vaultName="kept"),
        "vault tags": local.client("glacier").list_tags_for_vault(vaultName="kept")["Tags"],
    }
    for each in found.values():
        if isinstance(each, dict):
            each.pop("ResponseMetadata", None)
    text: dict[str, Any] = json.loads(json.dumps(found, default=str, sort_keys=True))
    return text


def saved(folder: Path, file: str, text: str) -> bool:
    path = folder / "state_dir" / file
    return path.exists() and text in path.read_text()


@pytest.mark.parametrize("how", ["front killed", "backend killed", "terminated"])
def test_all_of_it_is_there_again(tmp_path: Path, how: str) -> None:
    local = Killable(tmp_path).ready()
    fill(local)
    function = local.client("lambda")
    function.get_waiter("function_active_v2").wait(FunctionName="kept")
    before = seen(local)
    if how == "terminated":
        # At once, before anything is due.
        assert local.terminate() == 0
    else:
        wait_for(lambda: saved(tmp_path, "glacier.json", "kept") and saved(tmp_path, "eventbridge.json", "kept"))
        wait_for(lambda: saved(tmp_path, "lambda.json", '"State": '))
        if how == "backend killed":
            kill(local.backend)
            wait_for(lambda: "is started again" in local.log())
        else:
            local.kill()
    if how != "backend killed":
        local = Killable(tmp_path).ready()
    assert seen(local) == before
    answer = local.client("lambda").invoke(FunctionName="kept", Payload=b'{"a": 1}')
    assert json.load(answer["Payload"]) == {"a": 1}
    local.end()


def test_what_was_running_has_failed(tmp_path: Path) -> None:
    local = Killable(tmp_path).ready()
    states = local.client("stepfunctions")
    states.create_state_machine(name="kept", definition=machine(100_000), roleArn=ROLE)
    execution = states.start_execution(stateMachineArn=MACHINE)["executionArn"]
    wait_for(lambda: saved(tmp_path, "stepfunctions.json", "WaitStateEntered"))
    local.kill()
    local = Killable(tmp_path).ready()
    states = local.client("stepfunctions")
    found = states.describe_execution(executionArn=execution)
    cause = "The local AWS ended while this execution was running; nothing runs it any longer."
    assert (found["status"], found["cause"]) == ("FAILED", cause)
    assert found["stopDate"]
    last = states.get_execution_history(executionArn=execution)["events"][-1]
    assert (last["type"], last["executionFailedEventDetails"]["cause"]) == ("ExecutionFailed", found["cause"])
    local.end()


def test_code_is_deleted_when_nothing_written_needs_it(tmp_path: Path) -> None:
    local = Killable(tmp_path).ready()
    fill(local)
    blobs, function = tmp_path / "state_dir" / "lambda-blobs", local.client("lambda")
    wait_for(lambda: blobs.is_dir() and len(list(blobs.iterdir())) == 1)
    [first] = blobs.iterdir()
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("app.py", "def h(event, context):\n    return 'new'\n")
    function.get_waiter("function_active_v2").wait(FunctionName="kept")
    function.update_function_code(FunctionName="kept", ZipFile=code.getvalue())
    wait_for(lambda: not first.exists())
    assert first.name not in (tmp_path / "state_dir" / "lambda.json").read_text()
    local.kill()
    local = Killable(tmp_path).ready()
    assert json.load(local.client("lambda").invoke(FunctionName="kept")["Payload"]) == "new"
    local.end()


@pytest.mark.parametrize("runtime", ["python3.12", "provided.al2023"])
def test_a_function_whose_code_is_gone_fails(tmp_path: Path, runtime: str) -> None:
    local = Killable(tmp_path).ready()
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("bootstrap", "")
    local.client("lambda").create_function(
        FunctionName="kept", Runtime=runtime, Role=ROLE, Handler="app.h", Code={"ZipFile": code.getvalue()}
    )
    blobs = tmp_path / "state_dir" / "lambda-blobs"
    local.terminate()
    for blob in blobs.iterdir():
        blob.unlink()
    local = Killable(tmp_path).ready()
    answer = local.client("lambda").invoke(FunctionName="kept", LogType="Tail")
    assert answer["FunctionError"] == "Unhandled"
    error = json.load(answer["Payload"])
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert "The code of the function kept is gone" in error["errorMessage"]
    events = local.client("logs").filter_log_events(logGroupName="/aws/lambda/kept")["events"]
    assert any(error["errorMessage"] in event["message"] for event in events)
    definition = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": FUNCTION, "End": True}}}
    states = local.client("stepfunctions")
    machine_arn = states.create_state_machine(name="kept", definition=json.dumps(definition), roleArn=ROLE)[
        "stateMachineArn"
    ]
    execution = states.start_execution(stateMachineArn=machine_arn)["executionArn"]
    wait_for(lambda: states.describe_execution(executionArn=execution)["status"] != "RUNNING")
    assert states.describe_execution(executionArn=execution)["error"] == "Runtime.ImportModuleError"
    local.end()


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("written-by.json", '{"ministack": "0.9", "format": 1}', "was written by MiniStack 0.9"),
        ("written-by.json", '{"ministack": "1.5.33", "format": 0}', "was written by MiniStack 1.5.33"),
        ("written-by.json", "", "was written by another version"),
        ("iam.json", '{"half": ', "cannot be read"),
        ("iam.json", "", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_not_begun_anew(tmp_path: Path, file: str, text: str, why: str) -> None:
    local = Killable(tmp_path).ready()
    local.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument=json.dumps(TRUST))
    assert local.terminate() == 0
    state = tmp_path / "state_dir"
    (state / file).write_text(text)
    before = {path.name: path.read_bytes() for path in state.glob("*.json")}
    refused = Killable(tmp_path)
    assert refused._process.wait() == 1
    last = refused.log().splitlines()[-1]
    assert why in last
    assert "`treino local down` deletes it" in last
    assert {path.name: path.read_bytes() for path in state.glob("*.json")} == before


def test_what_is_written_is_this_users(tmp_path: Path) -> None:
    local = Killable(tmp_path).ready()
    fill(local)
    assert local.terminate() == 0
    for place in ("state_dir", "s3_data_dir"):
        for path in (tmp_path / place).rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path


def test_health_says_that_something_is_not_saved(tmp_path: Path) -> None:
    local = Killable(tmp_path).ready()
    assert local.wait()["unsaved"] is None
    state = tmp_path / "state_dir"
    # Where a file is to be written, there cannot be one.
    obstacle = state / "sqs.new"
    obstacle.mkdir(parents=True)
    local.client("sqs").create_queue(QueueName="kept")
    wait_for(lambda: "could not be saved" in local.log())
    said = local.wait()["unsaved"]
    assert said == "What the local AWS holds of sqs could not be saved (Is a directory) and is lost if it ends now."
    obstacle.rmdir()
    wait_for(lambda: local.wait()["unsaved"] is None)
    assert "kept" in (state / "sqs.json").read_text()
    local.end()
