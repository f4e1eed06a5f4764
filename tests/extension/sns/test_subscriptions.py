"""Subscriptions: made once, pending or not, with what attributes, listed, and gone with their topic."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support import REGION, LocalAws

ACCOUNT = "700000000013"
_QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"
_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"


@pytest.fixture
def sns(local_aws: LocalAws) -> Any:
    return local_aws.client("sns", ACCOUNT)


def _refused(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def test_a_subscription_is_made_once(sns: Any) -> None:
    topic = sns.create_topic(Name="once")["TopicArn"]
    asked = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": _QUEUE}
    arn = sns.subscribe(**asked, Attributes={"RawMessageDelivery": "true"})["SubscriptionArn"]
    assert arn.startswith(f"{topic}:")
    for attributes in ({}, {"RawMessageDelivery": "true"}):
        assert sns.subscribe(**asked, Attributes=attributes)["SubscriptionArn"] == arn
    code, message = _refused(sns.subscribe, **asked, Attributes={"RawMessageDelivery": "false"})
    assert (code, message) == (
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
    )
    assert sns.subscribe(**{**asked, "Protocol": "lambda", "Endpoint": _FUNCTION})["SubscriptionArn"] != arn
    found = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert found.pop("SubscriptionPrincipal") == f"arn:aws:iam::{ACCOUNT}:root"
    assert found == {
        "SubscriptionArn": arn,
        "TopicArn": topic,
        "Protocol": "sqs",
        "Endpoint": _QUEUE,
        "Owner": ACCOUNT,
        "ConfirmationWasAuthenticated": "true",
        "PendingConfirmation": "false",
        "RawMessageDelivery": "true",
    }


def test_a_mail_address_has_to_confirm(sns: Any) -> None:
    topic = sns.create_topic(Name="mails")["TopicArn"]
    asked = {"TopicArn": topic, "Protocol": "email", "Endpoint": "ana@example.com"}
    for _ in range(2):
        assert sns.subscribe(**asked)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(**asked, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "true"
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed == [{**asked, "SubscriptionArn": "PendingConfirmation", "Owner": ACCOUNT}]
    counts = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (counts["SubscriptionsPending"], counts["SubscriptionsConfirmed"]) == ("1", "0")


@pytest.mark.parametrize(
    ("protocol", "endpoint", "attributes"),
    [
        ("pigeon", _QUEUE, {}),
        ("sqs", f"http://127.0.0.1/{ACCOUNT}/queue", {}),
        ("sqs", f"{_QUEUE}.fifo", {}),
        ("lambda", "f", {}),
        ("email", "ana", {}),
        ("https", "http://example.com", {}),
        ("sqs", _QUEUE, {"Colour": "red"}),
        ("sqs", _QUEUE, {"RawMessageDelivery": "yes"}),
        ("sqs", _QUEUE, {"FilterPolicy": "no JSON"}),
        ("sqs", _QUEUE, {"FilterPolicyScope": "Everything"}),
        ("sqs", _QUEUE, {"RedrivePolicy": '{"deadLetterTargetArn":"queue"}'}),
    ],
)
def test_what_a_subscription_may_not_have(sns: Any, protocol: str, endpoint: str, attributes: dict[str, str]) -> None:
    topic = sns.create_topic(Name="refuses")["TopicArn"]
    asked = {"TopicArn": topic, "Protocol": protocol, "Endpoint": endpoint, "Attributes": attributes}
    assert _refused(sns.subscribe, **asked)[0] == "InvalidParameter"
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_attributes_are_set_and_taken_away(sns: Any) -> None:
    topic = sns.create_topic(Name="set")["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=_QUEUE)["SubscriptionArn"]

    def attributes() -> dict[str, str]:
        found: dict[str, str] = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        return found

    policy = json.dumps({"kind": ["order"]})
    redrive = json.dumps({"deadLetterTargetArn": _QUEUE})
    for name, value in (("FilterPolicy", policy), ("RedrivePolicy", redrive), ("RawMessageDelivery", "true")):
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)
        assert attributes()[name] == value
    assert attributes()["FilterPolicyScope"] == "MessageAttributes"
    for name, value in (("FilterPolicy", "{}"), ("RedrivePolicy", "")):
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)
    assert not {"FilterPolicy", "FilterPolicyScope", "RedrivePolicy"} & set(attributes())
    for name, value in (("Endpoint", _QUEUE), ("RawMessageDelivery", "yes"), ("FilterPolicy", "no JSON")):
        parameters = {"SubscriptionArn": arn, "AttributeName": name, "AttributeValue": value}
        assert _refused(sns.set_subscription_attributes, **parameters)[0] == "InvalidParameter"


def test_subscriptions_go_with_their_topic(sns: Any) -> None:
    topic = sns.create_topic(Name="goes")["TopicArn"]
    arns = [
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{_QUEUE}-{at}")["SubscriptionArn"] for at in range(2)
    ]
    sns.unsubscribe(SubscriptionArn=arns[0])
    sns.unsubscribe(SubscriptionArn=arns[0])
    assert _refused(sns.unsubscribe, SubscriptionArn="none")[0] == "InvalidParameter"
    listed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [each["SubscriptionArn"] for each in listed] == arns[1:]
    sns.delete_topic(TopicArn=topic)
    for arn in arns:
        found = _refused(sns.get_subscription_attributes, SubscriptionArn=arn)
        assert found == ("NotFound", "Subscription does not exist")
    assert not set(arns) & {each["SubscriptionArn"] for each in sns.list_subscriptions()["Subscriptions"]}


def test_lists_have_pages(sns: Any) -> None:
    topic = sns.create_topic(Name="many")["TopicArn"]
    for at in range(101):
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"{_QUEUE}-{at}")
    page = sns.list_subscriptions_by_topic(TopicArn=topic)
    rest = sns.list_subscriptions_by_topic(TopicArn=topic, NextToken=page["NextToken"])
    assert [len(each["Subscriptions"]) for each in (page, rest)] == [100, 1]
    assert "NextToken" not in rest
