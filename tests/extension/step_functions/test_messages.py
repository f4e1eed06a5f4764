"""Definitions that publish and send: results, errors, tokens, and the AWS SDK's own calls."""

import hashlib
import json
import time
from typing import Any

import pytest
from messaging import function, lets, queue, received
from support import REGION, LocalAws

ACCOUNT = "700000000031"
_SEND = "arn:aws:states:::sqs:sendMessage"
_PUBLISH = "arn:aws:states:::sns:publish"


def _started(aws: LocalAws, name: str, task: dict[str, Any], given: Any = None, **more: Any) -> str:
    machines = aws.client("stepfunctions", ACCOUNT)
    state = {"Type": "Task", "End": True, **task}
    arn = machines.create_state_machine(
        name=name,
        definition=json.dumps({"StartAt": "A", "States": {"A": state}, **more}),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/lab",
    )["stateMachineArn"]
    execution: str = machines.start_execution(stateMachineArn=arn, input=json.dumps(given))["executionArn"]
    return execution


def _ended(aws: LocalAws, execution: str) -> dict[str, Any]:
    machines = aws.client("stepfunctions", ACCOUNT)
    while True:
        found: dict[str, Any] = machines.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.02)


def _output(aws: LocalAws, name: str, task: dict[str, Any], given: Any = None, **more: Any) -> Any:
    found = _ended(aws, _started(aws, name, task, given, **more))
    assert found["status"] == "SUCCEEDED", found
    return json.loads(found["output"])


def test_a_message_is_sent(local_aws: LocalAws) -> None:
    url, _ = queue(local_aws, ACCOUNT, "sent")
    body = {"order": 1, "of.$": "$.who"}
    attributes = {"kind": {"DataType": "String", "StringValue": "order"}}
    task = {"Resource": _SEND, "Parameters": {"QueueUrl": url, "MessageBody": body, "MessageAttributes": attributes}}
    output = _output(local_aws, "sends", task, {"who": "ana"})
    message = received(local_aws, ACCOUNT, url)[0]
    assert message["Body"] == '{"order":1,"of":"ana"}'
    assert message["MessageAttributes"] == attributes
    assert output.pop("MD5OfMessageAttributes")
    headers = output.pop("SdkHttpMetadata")
    assert headers["HttpStatusCode"] == 200
    assert headers["HttpHeaders"]["x-amzn-RequestId"] == output.pop("SdkResponseMetadata")["RequestId"]
    digest = hashlib.md5(message["Body"].encode()).hexdigest()
    assert output == {"MessageId": message["MessageId"], "MD5OfMessageBody": digest}


def test_a_message_is_sent_by_jsonata_to_a_fifo_queue(local_aws: LocalAws) -> None:
    url, _ = queue(local_aws, ACCOUNT, "sent.fifo", FifoQueue="true")
    arguments = {
        "QueueUrl": url,
        "MessageBody": "{% $states.input.text %}",
        "MessageGroupId": "g",
        "MessageDeduplicationId": "{% $states.input.text & '-1' %}",
    }
    task = {"Resource": _SEND, "Arguments": arguments, "Output": "{% $states.result.SequenceNumber %}"}
    output = _output(local_aws, "sends-in-order", task, {"text": "one"}, QueryLanguage="JSONata")
    message = received(local_aws, ACCOUNT, url)[0]
    assert message["Body"] == "one"
    assert message["Attributes"]["SequenceNumber"] == output


def test_a_message_is_published(local_aws: LocalAws) -> None:
    sns = local_aws.client("sns", ACCOUNT)
    topic = sns.create_topic(Name="published")["TopicArn"]
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:behind"
    url, _ = queue(local_aws, ACCOUNT, "behind", Policy=lets("sns", "sqs:SendMessage", arn, topic))
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    attributes = {"kind": {"DataType": "String", "StringValue": "order"}}
    parameters = {"TopicArn": topic, "Message.$": "$", "Subject": "One", "MessageAttributes": attributes}
    output = _output(local_aws, "publishes", {"Resource": _PUBLISH, "Parameters": parameters}, {"order": 1})
    envelope = json.loads(received(local_aws, ACCOUNT, url)[0]["Body"])
    assert (envelope["Message"], envelope["Subject"]) == ('{"order":1}', "One")
    assert envelope["MessageAttributes"] == {"kind": {"Type": "String", "Value": "order"}}
    assert output["MessageId"] == envelope["MessageId"]
    assert set(output) == {"MessageId", "SdkHttpMetadata", "SdkResponseMetadata"}


@pytest.mark.parametrize("service", ["sqs", "sns"])
def test_a_token_is_waited_for(local_aws: LocalAws, service: str) -> None:
    name = f"token-{service}"
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    url, _ = queue(local_aws, ACCOUNT, name, Policy=lets("sns", "sqs:SendMessage", arn))
    body = {"token.$": "$$.Task.Token"}
    parameters: dict[str, Any] = {"QueueUrl": url, "MessageBody": body}
    if service == "sns":
        sns = local_aws.client("sns", ACCOUNT)
        topic = sns.create_topic(Name=name)["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        parameters = {"TopicArn": topic, "Message": body}
    resource = {"sqs": _SEND, "sns": _PUBLISH}[service]
    task = {"Resource": f"{resource}.waitForTaskToken", "Parameters": parameters}
    execution = _started(local_aws, name, task)
    token = json.loads(received(local_aws, ACCOUNT, url)[0]["Body"])["token"]
    machines = local_aws.client("stepfunctions", ACCOUNT)
    machines.send_task_success(taskToken=token, output='{"yes":true}')
    assert json.loads(_ended(local_aws, execution)["output"]) == {"yes": True}
    events = machines.get_execution_history(executionArn=execution)["events"]
    submitted = next(each["taskSubmittedEventDetails"] for each in events if each["type"] == "TaskSubmitted")
    assert submitted["resource"].endswith(".waitForTaskToken")
    assert json.loads(submitted["output"])["MessageId"]


def test_a_function_that_reads_the_queue_answers(local_aws: LocalAws) -> None:
    """By an event source mapping; a message it fails on moves to the dead-letter queue."""
    sqs = local_aws.client("sqs", ACCOUNT)
    dead_url, dead = queue(local_aws, ACCOUNT, "unanswered")
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 1})
    url, arn = queue(local_aws, ACCOUNT, "asked", RedrivePolicy=redrive)
    code = (
        "import boto3, json\n"
        "def handler(event, context):\n"
        "    for record in event['Records']:\n"
        "        token = json.loads(record['body'])['token']\n"
        "        boto3.client('stepfunctions').send_task_success(taskToken=token, output='1')\n"
    )
    name = function(local_aws, ACCOUNT, "answers", code)
    mapping = {"EventSourceArn": arn, "FunctionName": name, "BatchSize": 1}
    local_aws.client("lambda", ACCOUNT).create_event_source_mapping(**mapping)
    parameters = {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}
    assert _output(local_aws, "asks", {"Resource": f"{_SEND}.waitForTaskToken", "Parameters": parameters}) == 1
    # Only now: a function that starts slowly would lose the message above to the dead-letter queue.
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    sqs.send_message(QueueUrl=url, MessageBody="no JSON")
    assert received(local_aws, ACCOUNT, dead_url)[0]["Body"] == "no JSON"


@pytest.mark.parametrize(
    ("resource", "parameters", "error", "cause"),
    [
        (
            _SEND,
            {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/none-such", "MessageBody": "one"},
            "SQS.QueueDoesNotExistException",
            "(Service: AmazonSQS; Status Code: 400; Error Code: AWS.SimpleQueueService.NonExistentQueue;",
        ),
        (
            _SEND,
            {"QueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/none-such", "MessageBody": None},
            "SQS.QueueDoesNotExistException",
            "",
        ),
        (
            _PUBLISH,
            {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:none-such", "Message": "one"},
            "SNS.NotFoundException",
            "Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound;",
        ),
        (_PUBLISH, {"TopicArn": "topic", "Message": "one"}, "SNS.InvalidParameterException", ""),
        (
            "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
            {"QueueName": "none-such"},
            "Sqs.QueueDoesNotExistException",
            "(Service: Sqs, Status Code: 400,",
        ),
        (
            "arn:aws:states:::aws-sdk:sns:publish",
            {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:none-such", "Message": "one"},
            "Sns.NotFoundException",
            "",
        ),
        ("arn:aws:states:::aws-sdk:sqs:createQueue", {"QueueName": "a.b"}, "Sqs.SqsException", ""),
    ],
)
def test_errors(local_aws: LocalAws, resource: str, parameters: dict[str, Any], error: str, cause: str) -> None:
    name = f"fails-{abs(hash((resource, str(parameters))))}"
    found = _ended(local_aws, _started(local_aws, name, {"Resource": resource, "Parameters": parameters}))
    assert found["error"] == error
    assert cause in found["cause"]


def test_a_message_without_a_body_is_refused(local_aws: LocalAws) -> None:
    url, _ = queue(local_aws, ACCOUNT, "bodiless")
    task = {"Resource": _SEND, "Parameters": {"QueueUrl": url, "MessageBody": None}}
    found = _ended(local_aws, _started(local_aws, "bodiless", task))
    assert found["error"] == "SQS.AmazonSQSException"
    assert found["cause"].startswith("The request must contain the parameter MessageBody. (Service: AmazonSQS;")


def test_the_calls_of_the_sdk(local_aws: LocalAws) -> None:
    sdk = "arn:aws:states:::aws-sdk"
    url = f"{local_aws.endpoint}/{ACCOUNT}/of-the-sdk"
    attributes, tags = {"DelaySeconds": "0"}, {"lab": "one"}
    parameters: dict[str, Any] = {"QueueName": "of-the-sdk", "Tags": tags, "Attributes": attributes}
    task = {"Resource": f"{sdk}:sqs:createQueue", "Parameters": parameters}
    assert _output(local_aws, "sdk-1", task) == {"QueueUrl": url}
    task = {"Resource": f"{sdk}:sqs:sendMessage", "Parameters": {"QueueUrl": url, "MessageBody": "one"}}
    assert set(_output(local_aws, "sdk-2", task)) == {"MessageId", "Md5OfMessageBody"}
    task = {"Resource": f"{sdk}:sqs:receiveMessage", "Parameters": {"QueueUrl": url, "WaitTimeSeconds": 20}}
    assert _output(local_aws, "sdk-3", task)["Messages"][0]["Body"] == "one"
    names = {"QueueUrl": url, "AttributeNames": ["QueueArn"]}
    task = {"Resource": f"{sdk}:sqs:getQueueAttributes", "Parameters": names}
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:of-the-sdk"
    assert _output(local_aws, "sdk-4", task) == {"Attributes": {"QueueArn": arn}}
    task = {"Resource": f"{sdk}:sns:createTopic", "Parameters": {"Name": "of-the-sdk"}}
    topic = _output(local_aws, "sdk-5", task)["TopicArn"]
    task = {"Resource": f"{sdk}:sns:listTagsForResource", "Parameters": {"ResourceArn": topic}}
    assert _output(local_aws, "sdk-6", task) == {"Tags": []}
