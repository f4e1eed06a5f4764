"""Deliveries: only to who lets SNS, in the forms of AWS."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from messaging import function_that_tells, lets, permit, queue, received, waiting
from support import REGION, LocalAws

ACCOUNT = "700000000014"


def _topic(aws: LocalAws, name: str, **attributes: str) -> str:
    arn: str = aws.client("sns", ACCOUNT).create_topic(Name=name, Attributes=attributes)["TopicArn"]
    return arn


def _open_queue(aws: LocalAws, name: str, topic: str, **attributes: str) -> tuple[str, str]:
    """A queue that lets the topic send to it."""
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    return queue(aws, ACCOUNT, name, Policy=lets("sns", "sqs:SendMessage", arn, topic), **attributes)


def _subscribe(aws: LocalAws, topic: str, protocol: str, endpoint: str, **attributes: str) -> str:
    asked = {"TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint, "Attributes": attributes}
    arn: str = aws.client("sns", ACCOUNT).subscribe(**asked)["SubscriptionArn"]
    return arn


def test_a_queue_gets_an_envelope_or_the_message_alone(local_aws: LocalAws) -> None:
    topic = _topic(local_aws, "forms")
    url, arn = _open_queue(local_aws, "enveloped", topic)
    raw_url, raw = _open_queue(local_aws, "raw", topic)
    subscription = _subscribe(local_aws, topic, "sqs", arn)
    _subscribe(local_aws, topic, "sqs", raw, RawMessageDelivery="true")
    attributes = {"kind": {"DataType": "String", "StringValue": "order"}}
    published = local_aws.client("sns", ACCOUNT).publish(
        TopicArn=topic, Message='{"a": "ü"}', Subject="One", MessageAttributes=attributes
    )
    envelope = json.loads(received(local_aws, ACCOUNT, url)[0]["Body"])
    assert envelope.pop("Timestamp").endswith("Z")
    assert envelope.pop("UnsubscribeURL").endswith(f"/?Action=Unsubscribe&SubscriptionArn={subscription}")
    assert envelope.pop("SigningCertURL").startswith(f"https://sns.{REGION}.amazonaws.com/")
    assert envelope.pop("Signature")
    assert envelope == {
        "Type": "Notification",
        "MessageId": published["MessageId"],
        "TopicArn": topic,
        "Subject": "One",
        "Message": '{"a": "ü"}',
        "SignatureVersion": "1",
        "MessageAttributes": {"kind": {"Type": "String", "Value": "order"}},
    }
    message = received(local_aws, ACCOUNT, raw_url)[0]
    assert message["Body"] == '{"a": "ü"}'
    assert message["MessageAttributes"] == attributes


def test_a_queue_that_lets_nobody_gets_nothing(local_aws: LocalAws) -> None:
    """With and without AUTH=true."""
    topic, other = _topic(local_aws, "asks"), _topic(local_aws, "asks-not")
    url, arn = queue(local_aws, ACCOUNT, "closed")
    other_url, other_arn = _open_queue(local_aws, "open-to-another", other)
    open_url, open_arn = _open_queue(local_aws, "open", topic)
    for each in (arn, other_arn, open_arn, f"{arn}-none-such"):
        _subscribe(local_aws, topic, "sqs", each)
    local_aws.client("sns", ACCOUNT).publish(TopicArn=topic, Message="one")
    assert len(received(local_aws, ACCOUNT, open_url)) == 1
    assert [waiting(local_aws, ACCOUNT, each) for each in (url, other_url)] == [0, 0]
    log = local_aws.log()
    assert f"the policy of {arn} does not let sns.amazonaws.com send to it for {topic}" in log
    assert f"there is no queue {arn}-none-such" in log


def test_what_is_not_delivered_goes_to_the_dead_letter_queue(local_aws: LocalAws) -> None:
    topic = _topic(local_aws, "mourns")
    _, arn = queue(local_aws, ACCOUNT, "refusing")
    dead_url, dead = _open_queue(local_aws, "dead-letters", topic)
    redrive = json.dumps({"deadLetterTargetArn": dead})
    _subscribe(local_aws, topic, "sqs", arn, RedrivePolicy=redrive, RawMessageDelivery="true")
    local_aws.client("sns", ACCOUNT).publish(TopicArn=topic, Message="one")
    assert received(local_aws, ACCOUNT, dead_url)[0]["Body"] == "one"


def test_a_function_that_lets_the_topic_is_invoked(local_aws: LocalAws) -> None:
    topic, other = _topic(local_aws, "calls"), _topic(local_aws, "calls-not")
    url, _ = queue(local_aws, ACCOUNT, "told")
    function = function_that_tells(local_aws, ACCOUNT, "subscriber", url)
    permit(local_aws, ACCOUNT, "subscriber", "sns", topic)
    subscription = _subscribe(local_aws, topic, "lambda", function)
    _subscribe(local_aws, other, "lambda", function)
    sns = local_aws.client("sns", ACCOUNT)
    sns.publish(TopicArn=other, Message="unheard")
    sns.publish(TopicArn=topic, Message="heard")
    record = json.loads(received(local_aws, ACCOUNT, url)[0]["Body"])["Records"][0]
    assert (record["EventSource"], record["EventSubscriptionArn"]) == ("aws:sns", subscription)
    assert (record["Sns"]["Message"], record["Sns"]["Subject"]) == ("heard", None)
    assert record["Sns"]["MessageAttributes"] == {}
    assert {"SigningCertUrl", "UnsubscribeUrl"} < set(record["Sns"])
    assert f"does not let sns.amazonaws.com invoke it for {other}" in local_aws.log()


def test_a_filter_policy_decides(local_aws: LocalAws) -> None:
    topic = _topic(local_aws, "filters")
    url, arn = _open_queue(local_aws, "filtered", topic)
    _subscribe(local_aws, topic, "sqs", arn, FilterPolicy='{"kind":["order"]}', RawMessageDelivery="true")
    for kind in ("refund", "order"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        local_aws.client("sns", ACCOUNT).publish(TopicArn=topic, Message=kind, MessageAttributes=attributes)
    assert [each["Body"] for each in received(local_aws, ACCOUNT, url)] == ["order"]


def test_a_fifo_topic_keeps_groups(local_aws: LocalAws) -> None:
    topic = _topic(local_aws, "first.fifo", FifoTopic="true", ContentBasedDeduplication="true")
    url, arn = _open_queue(local_aws, "first.fifo", topic, FifoQueue="true")
    _subscribe(local_aws, topic, "sqs", arn, RawMessageDelivery="true")
    for text in ("one", "one", "two"):
        local_aws.client("sns", ACCOUNT).publish(TopicArn=topic, Message=text, MessageGroupId="g")
    found = received(local_aws, ACCOUNT, url, 2)
    assert [each["Body"] for each in found] == ["one", "two"]
    assert {each["Attributes"]["MessageGroupId"] for each in found} == {"g"}
    assert found[0]["Attributes"]["SequenceNumber"] < found[1]["Attributes"]["SequenceNumber"]


def test_what_fails_of_a_batch(local_aws: LocalAws) -> None:
    topic = _topic(local_aws, "batches.fifo", FifoTopic="true", ContentBasedDeduplication="true")
    entries = [{"Id": "1", "Message": "one", "MessageGroupId": "g"}, {"Id": "2", "Message": "two"}]
    answer = local_aws.client("sns", ACCOUNT).publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    assert [each["Id"] for each in answer["Successful"]] == ["1"]
    assert [(each["Id"], each["Code"]) for each in answer["Failed"]] == [("2", "InvalidParameter")]


@pytest.mark.parametrize(
    "message",
    [
        {"Message": ""},
        {"Message": "one", "Subject": "a" * 101},
        {"Message": "one", "Subject": "two\nlines"},
        {"Message": "one", "MessageStructure": "json"},
        {"Message": '{"sqs":"one"}', "MessageStructure": "json"},
    ],
)
def test_what_is_not_published(local_aws: LocalAws, message: dict[str, Any]) -> None:
    topic = _topic(local_aws, "refuses")
    with pytest.raises(ClientError) as error:
        local_aws.client("sns", ACCOUNT).publish(TopicArn=topic, **message)
    assert error.value.response["Error"]["Code"] == "InvalidParameter"
