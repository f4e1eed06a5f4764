"""Topics: what is made, refused, listed, tagged and deleted."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from messaging import lets
from support import REGION, LocalAws

ACCOUNT = "700000000011"


@pytest.fixture
def sns(local_aws: LocalAws) -> Any:
    return local_aws.client("sns", ACCOUNT)


def _refused(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def _arn(name: str) -> str:
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"


def _attributes(sns: Any, arn: str) -> dict[str, str]:
    found: dict[str, str] = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    return found


def test_a_new_topic_has_the_attributes_of_aws(sns: Any) -> None:
    arn = sns.create_topic(Name="plain")["TopicArn"]
    assert arn == _arn("plain")
    found = _attributes(sns, arn)
    policy = json.loads(found.pop("Policy"))
    assert (policy["Id"], policy["Statement"][0]["Sid"]) == ("__default_policy_ID", "__default_statement_ID")
    assert "SNS:GetTopicAttributes" in policy["Statement"][0]["Action"]
    assert policy["Statement"][0]["Condition"] == {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}
    delivery = json.loads(found.pop("EffectiveDeliveryPolicy"))
    assert delivery["http"]["defaultHealthyRetryPolicy"]["backoffFunction"] == "linear"
    counts = {f"Subscriptions{each}": "0" for each in ("Confirmed", "Pending", "Deleted")}
    assert found == {"TopicArn": arn, "Owner": ACCOUNT, "DisplayName": "", **counts}
    fifo = _attributes(sns, sns.create_topic(Name="first.fifo", Attributes={"FifoTopic": "true"})["TopicArn"])
    assert (fifo["FifoTopic"], fifo["ContentBasedDeduplication"]) == ("true", "false")


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("a.b", {}),
        ("a.fifo", {}),
        ("a" * 257, {}),
        ("a", {"FifoTopic": "true"}),
        ("a", {"Colour": "red"}),
        ("a", {"DisplayName": "a" * 101}),
        ("a", {"ContentBasedDeduplication": "true"}),
        ("a", {"SignatureVersion": "3"}),
        ("a", {"Policy": "no JSON"}),
        ("a", {"Policy": lets("events", "sqs:SendMessage", _arn("a"))}),
        ("a", {"Policy": lets("events", "sns:Publish", _arn("b"))}),
        ("a", {"DeliveryPolicy": "no JSON"}),
    ],
)
def test_what_a_topic_may_not_have(sns: Any, name: str, attributes: dict[str, str]) -> None:
    code, message = _refused(sns.create_topic, Name=name, Attributes=attributes)
    assert code == "InvalidParameter"
    assert message.startswith("Invalid parameter: ")


def test_a_topic_is_made_once(sns: Any) -> None:
    tags = [{"Key": "lab", "Value": "one"}, {"Key": "more", "Value": "two"}]
    policy = lets("events", "sns:Publish", _arn("once"))
    made = {"Name": "once", "Attributes": {"DisplayName": "Once", "Policy": policy}, "Tags": tags}
    arn = sns.create_topic(**made)["TopicArn"]
    again = {**made, "Attributes": {"DisplayName": "Once", "Policy": json.dumps(json.loads(policy), indent=1)}}
    for each in (made, again, {"Name": "once"}, {"Name": "once", "Tags": tags[:1]}):
        assert sns.create_topic(**each)["TopicArn"] == arn
    code, message = _refused(sns.create_topic, Name="once", Attributes={"DisplayName": "Other"})
    assert (code, message) == (
        "InvalidParameter",
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
    )
    for other in ({"Key": "lab", "Value": "two"}, {"Key": "new", "Value": "one"}):
        code, message = _refused(sns.create_topic, Name="once", Tags=[other])
        assert (code, message) == (
            "InvalidParameter",
            "Invalid parameter: Tags Reason: Topic already exists with different tags",
        )
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags


def test_attributes_are_set_and_taken_away(sns: Any) -> None:
    arn = sns.create_topic(Name="set")["TopicArn"]
    policy = lets("events", "sns:Publish", arn)
    for name, value in (("DisplayName", "Set"), ("KmsMasterKeyId", "alias/lab"), ("Policy", policy)):
        sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
        assert _attributes(sns, arn)[name] == value
    for name in ("DisplayName", "KmsMasterKeyId"):
        sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue="")
    found = _attributes(sns, arn)
    assert found["DisplayName"] == ""
    assert "KmsMasterKeyId" not in found
    for name, value in (("Policy", ""), ("FifoTopic", "true"), ("Colour", "red"), ("TopicArn", arn)):
        parameters = {"TopicArn": arn, "AttributeName": name, "AttributeValue": value}
        assert _refused(sns.set_topic_attributes, **parameters)[0] == "InvalidParameter"


def test_tags(sns: Any) -> None:
    arn = sns.create_topic(Name="tagged", Tags=[{"Key": "a&b", "Value": "<c>"}])["TopicArn"]
    sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "lab", "Value": ""}])
    tags = sns.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "a&b", "Value": "<c>"}, {"Key": "lab", "Value": ""}]
    sns.untag_resource(ResourceArn=arn, TagKeys=["a&b", "none-such"])
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags[1:]
    twice = [{"Key": "lab", "Value": "one"}, {"Key": "lab", "Value": "two"}]
    code, message = _refused(sns.tag_resource, ResourceArn=arn, Tags=twice)
    assert (code, message) == ("InvalidParameter", "Invalid parameter: Duplicated keys are not allowed.")
    for wrong in ([{"Key": "aws:lab", "Value": "x"}], [{"Key": f"k{at}", "Value": "x"} for at in range(51)]):
        assert _refused(sns.tag_resource, ResourceArn=arn, Tags=wrong)[0] == "InvalidParameter"


def test_a_topic_that_is_not_there(sns: Any) -> None:
    gone = _arn("none-such")
    tags = [{"Key": "lab", "Value": "one"}]
    calls: list[tuple[Any, dict[str, Any]]] = [
        (sns.get_topic_attributes, {"TopicArn": gone}),
        (sns.publish, {"TopicArn": gone, "Message": "one"}),
        (sns.list_subscriptions_by_topic, {"TopicArn": gone}),
        (sns.subscribe, {"TopicArn": gone, "Protocol": "email", "Endpoint": "ana@example.com"}),
        (sns.set_topic_attributes, {"TopicArn": gone, "AttributeName": "DisplayName", "AttributeValue": "x"}),
    ]
    for call, parameters in calls:
        assert _refused(call, **parameters) == ("NotFound", "Topic does not exist")
    calls = [
        (sns.list_tags_for_resource, {"ResourceArn": gone}),
        (sns.tag_resource, {"ResourceArn": gone, "Tags": tags}),
        (sns.untag_resource, {"ResourceArn": gone, "TagKeys": ["lab"]}),
    ]
    for call, parameters in calls:
        assert _refused(call, **parameters) == ("ResourceNotFound", "Resource does not exist")
    sns.delete_topic(TopicArn=gone)
    expected = "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"
    for call in (sns.get_topic_attributes, sns.delete_topic):
        assert _refused(call, TopicArn="topic") == ("InvalidParameter", expected)


def test_a_name_is_free_when_its_topic_is_gone(sns: Any) -> None:
    for value in ("one", "two"):
        arn = sns.create_topic(Name="again", Tags=[{"Key": "lab", "Value": value}])["TopicArn"]
        sns.delete_topic(TopicArn=arn)


def test_lists_have_pages(local_aws: LocalAws) -> None:
    sns = local_aws.client("sns", "700000000012")
    made = [sns.create_topic(Name=f"listed-{at}")["TopicArn"] for at in range(101)]
    page = sns.list_topics()
    assert len(page["Topics"]) == 100
    rest = sns.list_topics(NextToken=page["NextToken"])
    assert "NextToken" not in rest
    assert sorted(each["TopicArn"] for each in page["Topics"] + rest["Topics"]) == sorted(made)
