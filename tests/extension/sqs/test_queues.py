"""Queues: what is made, refused, listed and left behind."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from messaging import queue
from support import REGION, LocalAws
from treino_local.sqs import queues

ACCOUNT = "700000000001"


@pytest.fixture
def sqs(local_aws: LocalAws) -> Any:
    return local_aws.client("sqs", ACCOUNT)


def _refused(call: Any, **parameters: Any) -> dict[str, str]:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    found: dict[str, str] = error.value.response["Error"]
    return found


def _attributes(sqs: Any, url: str, *names: str) -> dict[str, str]:
    found: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names) or ["All"])["Attributes"]
    return found


def test_a_new_queue_has_the_attributes_of_aws(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="plain")["QueueUrl"]
    found = _attributes(sqs, url)
    for name in ("CreatedTimestamp", "LastModifiedTimestamp"):
        assert int(found.pop(name)) > 0
    counts = ("Messages", "MessagesNotVisible", "MessagesDelayed")
    assert found == {
        "QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:plain",
        "VisibilityTimeout": "30",
        "MaximumMessageSize": "1048576",
        "MessageRetentionPeriod": "345600",
        "DelaySeconds": "0",
        "ReceiveMessageWaitTimeSeconds": "0",
        "SqsManagedSseEnabled": "true",
        **{f"ApproximateNumberOf{each}": "0" for each in counts},
    }
    url = sqs.create_queue(QueueName="first.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    names = ("FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit")
    assert _attributes(sqs, url, *names) == dict(zip(names, ("true", "false", "queue", "perQueue"), strict=True))


def test_only_attributes_that_are_asked_for_are_answered(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="asked")["QueueUrl"]
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url)
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    assert _refused(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["Colour"])["Code"] == "InvalidAttributeName"


def test_the_address_is_the_one_the_caller_used(local_aws: LocalAws, sqs: Any) -> None:
    made = sqs.create_queue(QueueName="addressed")["QueueUrl"]
    assert made == f"{local_aws.endpoint}/{ACCOUNT}/addressed"
    assert sqs.get_queue_url(QueueName="addressed")["QueueUrl"] == made
    assert made in sqs.list_queues(QueueNamePrefix="addr")["QueueUrls"]


@pytest.mark.parametrize(
    ("name", "attributes", "code"),
    [
        ("a.b", {}, "InvalidParameterValue"),
        ("a" * 81, {}, "InvalidParameterValue"),
        ("a.fifo", {}, "InvalidParameterValue"),
        ("a", {"FifoQueue": "true"}, "InvalidParameterValue"),
        ("a", {"FifoQueue": "false"}, "InvalidAttributeName"),
        ("a", {"Colour": "red"}, "InvalidAttributeName"),
        ("a", {"QueueArn": "arn"}, "InvalidAttributeName"),
        ("a", {"ContentBasedDeduplication": "true"}, "InvalidAttributeName"),
        ("a", {"SqsManagedSseEnabled": "true", "KmsMasterKeyId": "alias/lab"}, "InvalidAttributeName"),
        ("a", {"SqsManagedSseEnabled": "yes"}, "InvalidAttributeValue"),
        ("a", {"VisibilityTimeout": "43201"}, "InvalidAttributeValue"),
        ("a", {"VisibilityTimeout": "-1"}, "InvalidAttributeValue"),
        ("a", {"MessageRetentionPeriod": "59"}, "InvalidAttributeValue"),
        ("a", {"DelaySeconds": "soon"}, "InvalidAttributeValue"),
        ("a", {"MaximumMessageSize": "1023"}, "InvalidAttributeValue"),
        ("a", {"ReceiveMessageWaitTimeSeconds": "21"}, "InvalidAttributeValue"),
        ("a", {"Policy": "no JSON"}, "InvalidAttributeValue"),
        ("a", {"Policy": '{"Statement":[]}'}, "InvalidAttributeValue"),
        ("a.fifo", {"FifoQueue": "true", "FifoThroughputLimit": "perMessageGroupId"}, "InvalidAttributeValue"),
        ("a", {"RedrivePolicy": "no JSON"}, "InvalidParameterValue"),
        ("a", {"RedriveAllowPolicy": '{"redrivePermission":"someone"}'}, "InvalidParameterValue"),
    ],
)
def test_what_a_queue_may_not_have(sqs: Any, name: str, attributes: dict[str, str], code: str) -> None:
    assert _refused(sqs.create_queue, QueueName=name, Attributes=attributes)["Code"] == code


def test_a_queue_is_made_once(sqs: Any) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*"}]}
    policy["Statement"][0]["Resource"] = "*"  # type: ignore[index]
    made = {"QueueName": "once", "Attributes": {"DelaySeconds": "5", "Policy": json.dumps(policy)}}
    url = sqs.create_queue(**made, tags={"lab": "one"})["QueueUrl"]
    again = {"QueueName": "once", "Attributes": {"DelaySeconds": "5", "Policy": json.dumps(policy, indent=2)}}
    assert sqs.create_queue(**again)["QueueUrl"] == url
    assert sqs.create_queue(QueueName="once")["QueueUrl"] == url
    # Tags are not compared, and not set either.
    assert sqs.create_queue(QueueName="once", tags={"lab": "two"})["QueueUrl"] == url
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"lab": "one"}
    error = _refused(sqs.create_queue, QueueName="once", Attributes={"DelaySeconds": "6"})
    assert (error["Code"], error["QueryErrorCode"]) == ("QueueAlreadyExists", "QueueNameExists")
    assert error["Message"].endswith("a different value for attribute DelaySeconds")
    kms = {"KmsMasterKeyId": "alias/lab"}
    assert _refused(sqs.create_queue, QueueName="once", Attributes=kms)["Code"] == "QueueAlreadyExists"


def test_a_deleted_name_is_blocked(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="brief")["QueueUrl"]
    sqs.delete_queue(QueueUrl=url)
    error = _refused(sqs.create_queue, QueueName="brief")
    code = "AWS.SimpleQueueService.QueueDeletedRecently"
    assert (error["Code"], error["QueryErrorCode"]) == (code, "QueueDeletedRecently")
    for call, parameters in (
        (sqs.get_queue_url, {"QueueName": "brief"}),
        (sqs.delete_queue, {"QueueUrl": url}),
        (sqs.list_queue_tags, {"QueueUrl": url}),
    ):
        assert _refused(call, **parameters)["Code"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_a_deleted_name_is_free_after_a_minute(start_local_aws: Any) -> None:
    assert queues.NAME_BLOCKED == 60
    sqs = start_local_aws(TREINO_LOCAL_QUEUE_BLOCK="0").client("sqs")
    sqs.delete_queue(QueueUrl=sqs.create_queue(QueueName="brief")["QueueUrl"])
    assert sqs.create_queue(QueueName="brief")["QueueUrl"]


def test_attributes_are_set_one_by_one_and_taken_away(local_aws: LocalAws, sqs: Any) -> None:
    _, dead = queue(local_aws, ACCOUNT, "set-dead")
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})
    url = sqs.create_queue(QueueName="set", Attributes={"DelaySeconds": "5"})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "12", "RedrivePolicy": redrive})
    names = ("DelaySeconds", "VisibilityTimeout", "RedrivePolicy")
    assert _attributes(sqs, url, *names) == dict(zip(names, ("5", "12", redrive), strict=True))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": "alias/lab"})
    assert _attributes(sqs, url, "SqsManagedSseEnabled") == {"SqsManagedSseEnabled": "false"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": "", "KmsMasterKeyId": ""})
    assert not {"RedrivePolicy", "KmsMasterKeyId"} & set(_attributes(sqs, url))
    error = _refused(sqs.set_queue_attributes, QueueUrl=url, Attributes={"FifoQueue": "true"})
    assert error["Code"] == "InvalidAttributeValue"
    error = _refused(sqs.set_queue_attributes, QueueUrl=url, Attributes={"DelaySeconds": "901"})
    assert error["Code"] == "InvalidAttributeValue"


def test_a_dead_letter_queue_is_there_of_the_same_kind_and_place(local_aws: LocalAws, sqs: Any) -> None:
    _, fifo = queue(local_aws, ACCOUNT, "dead.fifo", FifoQueue="true")
    _, closed = queue(local_aws, ACCOUNT, "closed", RedriveAllowPolicy='{"redrivePermission":"denyAll"}')
    here = f"arn:aws:sqs:{REGION}:{ACCOUNT}"
    for target, reason in (
        (f"{here}:none-such", "Dead letter target does not exist."),
        (fifo, "Dead-letter queue must be same type of queue as the source."),
        (f"arn:aws:sqs:eu-west-1:{ACCOUNT}:set-dead", "Invalid value for deadLetterTargetArn."),
        (f"arn:aws:sqs:{REGION}:700000000099:set-dead", "Invalid value for deadLetterTargetArn."),
        ("dummy", "Invalid value for deadLetterTargetArn."),
        (closed, "Dead letter target does not allow this queue to redrive to it."),
    ):
        policy = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 3})
        error = _refused(sqs.create_queue, QueueName="source", Attributes={"RedrivePolicy": policy})
        assert error["Code"] == "InvalidParameterValue"
        assert error["Message"].endswith(reason)
    url, dead = queue(local_aws, ACCOUNT, "kept-dead")
    policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": "3"})
    source = sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    again = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})
    assert sqs.create_queue(QueueName="source", Attributes={"RedrivePolicy": again})["QueueUrl"] == source
    assert sqs.list_dead_letter_source_queues(QueueUrl=url)["queueUrls"] == [source]
    for count in ("0", "1001", "many"):
        policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": count})
        error = _refused(sqs.set_queue_attributes, QueueUrl=source, Attributes={"RedrivePolicy": policy})
        assert error["Code"] == "InvalidParameterValue"


def test_tags(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="tagged", tags={"lab": "a & b", "empty": ""})["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"lab": "two", "more": "é"})
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"lab": "two", "empty": "", "more": "é"}
    sqs.untag_queue(QueueUrl=url, TagKeys=["lab", "empty", "more", "none-such"])
    assert "Tags" not in sqs.list_queue_tags(QueueUrl=url)
    for tags in ({"aws:lab": "x"}, {"a" * 129: "x"}, {"a": "x" * 257}, {f"k{at}": "x" for at in range(51)}):
        assert _refused(sqs.tag_queue, QueueUrl=url, Tags=tags)["Code"] == "InvalidParameterValue"


def test_lists_have_pages_where_their_size_is_given(local_aws: LocalAws) -> None:
    sqs = local_aws.client("sqs", "700000000002")
    assert "QueueUrls" not in sqs.list_queues()
    made = [sqs.create_queue(QueueName=f"listed-{at}")["QueueUrl"] for at in range(5)]
    sqs.create_queue(QueueName="other")
    assert sqs.list_queues(QueueNamePrefix="listed-")["QueueUrls"] == made
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = sqs.list_queues(QueueNamePrefix="listed-", MaxResults=2, **more)
        found += page["QueueUrls"]
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    assert found == made
    assert _refused(sqs.list_queues, MaxResults=1001)["Code"] == "InvalidParameterValue"


def test_a_queue_is_purged_once_a_minute(sqs: Any) -> None:
    url = sqs.create_queue(QueueName="purged")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="one")
    sqs.purge_queue(QueueUrl=url)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    code = "AWS.SimpleQueueService.PurgeQueueInProgress"
    assert _refused(sqs.purge_queue, QueueUrl=url)["Code"] == code
