"""Queues, topics and functions for tests, and what arrives at them."""

import io
import json
import time
import zipfile
from typing import Any

from support import REGION, LocalAws


def queue(aws: LocalAws, account: str, name: str, **attributes: str) -> tuple[str, str]:
    """The URL and the ARN of a new queue."""
    sqs = aws.client("sqs", account)
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, f"arn:aws:sqs:{REGION}:{account}:{name}"


def lets(service: str, action: str, resource: str, source: str | None = None) -> str:
    """A policy that lets a service do something, for this source where one is given."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": action,
        "Resource": resource,
    }
    if source:
        statement["Condition"] = {"ArnEquals": {"aws:SourceArn": source}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def received(aws: LocalAws, account: str, url: str, wanted: int = 1) -> list[dict[str, Any]]:
    """The messages of a queue, at least so many, which are deleted."""
    sqs = aws.client("sqs", account)
    found: list[dict[str, Any]] = []
    names: dict[str, Any] = {"MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"]}
    while len(found) < wanted:
        asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 20, **names}
        for message in sqs.receive_message(**asked).get("Messages", []):
            found.append(message)
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def waiting(aws: LocalAws, account: str, url: str) -> int:
    """How many messages a queue holds."""
    asked = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]}
    return int(aws.client("sqs", account).get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])


def function_that_tells(aws: LocalAws, account: str, name: str, url: str) -> str:
    """The ARN of a new function that sends each of its events to the queue."""
    code = (
        "import boto3, json, os\n"
        "def handler(event, context):\n"
        "    boto3.client('sqs').send_message(QueueUrl=os.environ['QUEUE'], MessageBody=json.dumps(event))\n"
    )
    return function(aws, account, name, code, QUEUE=url)


def function(aws: LocalAws, account: str, name: str, code: str, **variables: str) -> str:
    """The ARN of a new function in Python, which has begun to be active."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", code)
    functions = aws.client("lambda", account)
    made = functions.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Handler="app.handler",
        Role=f"arn:aws:iam::{account}:role/lab",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": variables},
        Timeout=60,
    )
    arn: str = made["FunctionArn"]
    while functions.get_function(FunctionName=name)["Configuration"]["State"] == "Pending":
        time.sleep(0.05)
    return arn


def permit(aws: LocalAws, account: str, function: str, service: str, source: str) -> None:
    """Lets the service invoke the function for the source."""
    aws.client("lambda", account).add_permission(
        FunctionName=function,
        StatementId=service,
        Action="lambda:InvokeFunction",
        Principal=f"{service}.amazonaws.com",
        SourceArn=source,
    )
