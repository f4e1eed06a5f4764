"""What the local AWS answers otherwise than AWS does. docs/local-aws.md names these tests.

One that fails says that a gap has closed: the test goes, and its row too.
"""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from records import recorded
from support import REGION, LocalAws


def test_a_rule_with_targets_is_deleted_and_so_is_one_that_is_not_there(local_aws: LocalAws) -> None:
    """AWS: ValidationException for the first."""
    events = local_aws.client("events", "600000000001")
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["lab"]}))
    target = {"Id": "1", "Arn": f"arn:aws:lambda:{REGION}:600000000001:function:f"}
    events.put_targets(Rule="rule", Targets=[target])
    for name in ("rule", "none-such"):
        assert events.delete_rule(Name=name)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_the_targets_of_no_rule_are_none(local_aws: LocalAws) -> None:
    """AWS: ResourceNotFoundException."""
    assert local_aws.client("events", "600000000002").list_targets_by_rule(Rule="none-such")["Targets"] == []


def test_a_connection_is_authorized_at_once(local_aws: LocalAws) -> None:
    """AWS: AUTHORIZING, until the endpoint has given a token."""
    client = {"ClientID": "lab", "ClientSecret": "hidden"}
    oauth = {
        "AuthorizationEndpoint": "https://login.invalid/",
        "HttpMethod": "POST",
        "ClientParameters": client,
    }
    made = local_aws.client("events", "600000000003").create_connection(
        Name="api", AuthorizationType="OAUTH_CLIENT_CREDENTIALS", AuthParameters={"OAuthParameters": oauth}
    )
    assert made["ConnectionState"] == "AUTHORIZED"


def test_filtered_log_events_have_no_pages(local_aws: LocalAws) -> None:
    """AWS: a `nextToken` leads to the rest."""
    logs = local_aws.client("logs", "600000000005")
    logs.create_log_group(logGroupName="/lab")
    logs.create_log_stream(logGroupName="/lab", logStreamName="one")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + at, "message": str(at)} for at in range(3)]
    logs.put_log_events(logGroupName="/lab", logStreamName="one", logEvents=events)
    answer = logs.filter_log_events(logGroupName="/lab", limit=2)
    assert len(answer["events"]) == 2
    assert "nextToken" not in answer


def test_a_table_is_active_and_gone_at_once(local_aws: LocalAws) -> None:
    """AWS: CREATING and DELETING for some seconds."""
    tables = local_aws.client("dynamodb", "600000000006")
    made = tables.create_table(
        TableName="items",
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert made["TableDescription"]["TableStatus"] == "ACTIVE"
    tables.delete_table(TableName="items")
    with pytest.raises(tables.exceptions.ResourceNotFoundException):
        tables.describe_table(TableName="items")


def test_a_role_is_made_with_any_trust_policy(local_aws: LocalAws) -> None:
    """AWS: MalformedPolicyDocument."""
    made = local_aws.client("iam", "600000000007").create_role(RoleName="lab", AssumeRolePolicyDocument="no JSON")
    assert made["Role"]["RoleName"] == "lab"


def test_cloudtrail_looks_up_no_events(local_aws: LocalAws) -> None:
    """AWS: the management events of 90 days."""
    assert local_aws.client("cloudtrail", "600000000008").lookup_events()["Events"] == []


def test_reads_and_refused_calls_are_not_recorded(local_aws: LocalAws) -> None:
    """AWS: a trail's log has both, with the error code."""
    account = "600000000012"
    s3 = local_aws.client("s3", account)
    with recorded(local_aws, account, "read-from") as records:
        s3.put_object(Bucket="read-from", Key="key", Body=b"1")
        s3.get_object(Bucket="read-from", Key="key")
        with pytest.raises(ClientError):
            s3.put_object(Bucket="read-from", Key="key", Body=b"1", ACL="public-read")
    assert [each["eventName"] for each in records] == ["PutObject"]


def test_every_account_may_have_vaults_but_no_jobs(local_aws: LocalAws) -> None:
    """AWS: NoLongerSupportedException for an account that never had one."""
    glacier = local_aws.client("glacier", "600000000009")
    glacier.create_vault(vaultName="vault")
    with pytest.raises(ClientError) as error:
        glacier.initiate_job(vaultName="vault", jobParameters={"Type": "inventory-retrieval"})
    assert error.value.response["Error"]["Code"] == "UnknownOperationException"


def _directory_bucket(s3: Any, name: str) -> None:
    zone = name.split("--")[1]
    s3.create_bucket(
        Bucket=name,
        CreateBucketConfiguration={
            "Location": {"Type": "AvailabilityZone", "Name": zone},
            "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"},
        },
    )


def test_a_session_that_names_no_mode_needs_no_bucket(local_aws: LocalAws) -> None:
    """AWS: NoSuchBucket, as it is here if a mode is named. An SDK with an endpoint asks for one before CreateBucket."""
    s3 = local_aws.client("s3", "600000000010")
    assert s3.create_session(Bucket="lab--euc1-az1--x-s3")["Credentials"]
    with pytest.raises(ClientError) as error:
        s3.create_session(Bucket="lab--euc1-az1--x-s3", SessionMode="ReadOnly")
    assert error.value.response["Error"]["Code"] == "NoSuchBucket"


def test_a_directory_bucket_s_policy_is_not_enforced(local_aws: LocalAws) -> None:
    """AWS: AccessDenied."""
    account = "600000000011"
    s3, name = local_aws.client("s3", account), "denied--euc1-az1--x-s3"
    _directory_bucket(s3, name)
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3express:CreateSession",
        "Resource": f"arn:aws:s3express:{REGION}:{account}:bucket/{name}",
    }
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_object(Bucket=name, Key="key", Body=b"1")
    assert s3.get_object(Bucket=name, Key="key")["Body"].read() == b"1"
