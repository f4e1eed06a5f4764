"""Messages: moved after so many receptions, deleted more than once, and refused."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from messaging import queue, received
from support import LocalAws

ACCOUNT = "700000000003"


def test_a_message_moves_after_its_last_reception(local_aws: LocalAws) -> None:
    sqs = local_aws.client("sqs", ACCOUNT)
    dead_url, dead = queue(local_aws, ACCOUNT, "dead")
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    url, arn = queue(local_aws, ACCOUNT, "source", RedrivePolicy=redrive, VisibilityTimeout="0")
    sqs.send_message(QueueUrl=url, MessageBody="one")
    for _ in range(2):
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "one"
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    message = received(local_aws, ACCOUNT, dead_url)[0]
    assert message["Body"] == "one"
    assert message["Attributes"]["DeadLetterQueueSourceArn"] == arn


def test_a_message_is_deleted_more_than_once(local_aws: LocalAws) -> None:
    """AWS: a handle that was good stays so."""
    sqs = local_aws.client("sqs", ACCOUNT)
    url, _ = queue(local_aws, ACCOUNT, "twice")
    sqs.send_message(QueueUrl=url, MessageBody="one")
    handle = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    for _ in range(2):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
    entry = {"Id": "1", "ReceiptHandle": handle}
    answer = sqs.delete_message_batch(QueueUrl=url, Entries=[entry, {"Id": "2", "ReceiptHandle": "none"}])
    assert [each["Id"] for each in answer["Successful"]] == ["1"]
    assert [each["Code"] for each in answer["Failed"]] == ["ReceiptHandleIsInvalid"]
    with pytest.raises(sqs.exceptions.ReceiptHandleIsInvalid):
        sqs.delete_message(QueueUrl=url, ReceiptHandle="none")


def test_a_fifo_message_is_not_deleted_when_it_is_visible_again(local_aws: LocalAws) -> None:
    sqs = local_aws.client("sqs", ACCOUNT)
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true", "VisibilityTimeout": "0"}
    url, _ = queue(local_aws, ACCOUNT, "late.fifo", **fifo)
    sqs.send_message(QueueUrl=url, MessageBody="one", MessageGroupId="g")
    handle = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    with pytest.raises(ClientError, match="The receipt handle has expired"):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)


def test_a_delay_has_its_limits(local_aws: LocalAws) -> None:
    sqs = local_aws.client("sqs", ACCOUNT)
    url, _ = queue(local_aws, ACCOUNT, "delayed")
    parameters: dict[str, Any] = {"QueueUrl": url, "MessageBody": "one"}
    with pytest.raises(ClientError) as error:
        sqs.send_message(**parameters, DelaySeconds=901)
    assert error.value.response["Error"]["Code"] == "InvalidParameterValue"
    sqs.send_message(**parameters, DelaySeconds=900)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
