"""Queues and topics under AUTH=true: the ARNs and actions AWS asks for, and their own policies."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from messaging import lets, queue, received
from support import ACCOUNT, REGION, LocalAws

_QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}"
_TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}"


@pytest.fixture(scope="module")
def enforced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    started = LocalAws(tmp_path_factory.mktemp("enforced"), AUTH="true")
    started.wait()
    started.client("iam").create_user(UserName="ana")
    yield started
    started.end()


@pytest.fixture
def as_user(enforced: LocalAws) -> Iterator[Callable[..., Any]]:
    """A client of a user who may do what the statement says."""
    iam = enforced.client("iam")
    key = iam.create_access_key(UserName="ana")["AccessKey"]

    def client(service: str, action: Any, resource: Any = "*", **condition: dict[str, str]) -> Any:
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        if condition:
            statement["Condition"] = condition
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="ana", PolicyName="one", PolicyDocument=document)
        return enforced.client(service, key["AccessKeyId"], secret=key["SecretAccessKey"])

    yield client
    iam.delete_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"])


def _denied(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    found = error.value.response
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 403
    return found["Error"]["Code"], found["Error"]["Message"]


def test_a_queue_is_asked_for_by_its_arn(enforced: LocalAws, as_user: Callable[..., Any]) -> None:
    url, other = (queue(enforced, ACCOUNT, name)[0] for name in ("asked", "other"))
    sqs = as_user("sqs", ["sqs:SendMessage", "sqs:DeleteMessage"], f"{_QUEUE}:asked")
    sqs.send_message(QueueUrl=url, MessageBody="one")
    entry = {"Id": "1", "MessageBody": "two"}
    # Permissions know no batches.
    sqs.send_message_batch(QueueUrl=url, Entries=[entry])
    sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": "1", "ReceiptHandle": "none"}])
    code, message = _denied(sqs.send_message, QueueUrl=other, MessageBody="one")
    assert code == "AccessDenied"
    assert "is not authorized to perform: sqs:SendMessage" in message
    _denied(sqs.receive_message, QueueUrl=url)
    _denied(sqs.create_queue, QueueName="third")
    _denied(sqs.get_queue_url, QueueName="asked")
    sqs = as_user("sqs", "sqs:*", f"{_QUEUE}:third")
    made = sqs.create_queue(QueueName="third")["QueueUrl"]
    assert sqs.get_queue_url(QueueName="third")["QueueUrl"] == made
    _denied(sqs.list_queues)


def test_a_topic_is_asked_for_by_its_arn(enforced: LocalAws, as_user: Callable[..., Any]) -> None:
    root = enforced.client("sns")
    topic, other = (root.create_topic(Name=name)["TopicArn"] for name in ("asked", "other"))
    subscriptions = {
        each: root.subscribe(TopicArn=each, Protocol="sqs", Endpoint=f"{_QUEUE}:asked")["SubscriptionArn"]
        for each in (topic, other)
    }
    sns = as_user("sns", "sns:*", topic)
    sns.publish(TopicArn=topic, Message="one")
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "one"}])
    sns.tag_resource(ResourceArn=topic, Tags=[{"Key": "a", "Value": "b"}])
    assert sns.list_tags_for_resource(ResourceArn=topic)["Tags"]
    sns.get_subscription_attributes(SubscriptionArn=subscriptions[topic])
    for call, parameters in (
        (sns.publish, {"TopicArn": other, "Message": "one"}),
        (sns.list_tags_for_resource, {"ResourceArn": other}),
        (sns.unsubscribe, {"SubscriptionArn": subscriptions[other]}),
        (sns.create_topic, {"Name": "third"}),
        (sns.list_topics, {}),
    ):
        assert _denied(call, **parameters)[0] == "AuthorizationError"
    sns = as_user("sns", "sns:Publish", topic)
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "one"}])


def test_tags_are_conditions(enforced: LocalAws, as_user: Callable[..., Any]) -> None:
    one, two = ({"lab": each} for each in ("one", "two"))
    given = {each["lab"]: [{"Key": "lab", "Value": each["lab"]}] for each in (one, two)}
    sqs = as_user("sqs", "sqs:*", StringEquals={"aws:RequestTag/lab": "one"})
    sqs.create_queue(QueueName="tagged", tags=one)
    _denied(sqs.create_queue, QueueName="tagged-two", tags=two)
    sns = as_user("sns", "sns:*", StringEquals={"aws:RequestTag/lab": "one"})
    sns.create_topic(Name="tagged", Tags=given["one"])
    _denied(sns.create_topic, Name="tagged-two", Tags=given["two"])
    for lab, allowed in (("one", True), ("two", False)):
        condition = {"aws:ResourceTag/lab": lab}
        sqs = as_user("sqs", "sqs:*", StringEquals=condition)
        sns = as_user("sns", ["sns:*", "sqs:*"], StringEquals=condition)
        url = f"{enforced.endpoint}/{ACCOUNT}/tagged"
        if allowed:
            sqs.list_queue_tags(QueueUrl=url)
            sns.get_topic_attributes(TopicArn=f"{_TOPIC}:tagged")
        else:
            _denied(sqs.list_queue_tags, QueueUrl=url)
            _denied(sns.get_topic_attributes, TopicArn=f"{_TOPIC}:tagged")


def test_the_policies_of_queues_and_topics_count(enforced: LocalAws, as_user: Callable[..., Any]) -> None:
    ana = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/ana"}

    def policy(effect: str, action: str, resource: str) -> str:
        statement = {"Effect": effect, "Principal": ana, "Action": action, "Resource": resource}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    for name in ("allows", "denies"):
        effect = {"allows": "Allow", "denies": "Deny"}[name]
        url, arn = queue(enforced, ACCOUNT, name)
        enforced.client("sqs").set_queue_attributes(
            QueueUrl=url, Attributes={"Policy": policy(effect, "sqs:SendMessage", arn)}
        )
        topic = f"{_TOPIC}:{name}"
        enforced.client("sns").create_topic(Name=name, Attributes={"Policy": policy(effect, "sns:Publish", topic)})
        allowed = {"allows": "iam:GetUser", "denies": ["sns:*", "sqs:*"]}[name]
        sqs, sns = as_user("sqs", allowed), as_user("sns", allowed)
        if name == "allows":
            sqs.send_message(QueueUrl=url, MessageBody="one")
            sns.publish(TopicArn=topic, Message="one")
        else:
            _denied(sqs.send_message, QueueUrl=url, MessageBody="one")
            _denied(sns.publish, TopicArn=topic, Message="one")


def test_services_deliver_by_the_policies_of_what_they_deliver_to(
    enforced: LocalAws, as_user: Callable[..., Any]
) -> None:
    """The caller who publishes needs no permission on the queue behind."""
    topic = enforced.client("sns").create_topic(Name="delivers")["TopicArn"]
    arn = f"{_QUEUE}:behind"
    policy = json.loads(lets("sns", "sqs:SendMessage", arn, topic))
    others = {"ArnNotEquals": {"aws:SourceArn": topic}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn, "Condition": others}
    policy["Statement"].append(deny)
    url, _ = queue(enforced, ACCOUNT, "behind", Policy=json.dumps(policy))
    enforced.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    as_user("sns", "sns:Publish").publish(TopicArn=topic, Message="one")
    assert json.loads(received(enforced, ACCOUNT, url)[0]["Body"])["Message"] == "one"
