"""Targets of rules: who lets EventBridge gets the event, and nobody else."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from messaging import function_that_tells, lets, permit, queue, received, waiting
from support import REGION, LocalAws

ACCOUNT = "700000000021"


def _rule(aws: LocalAws, name: str, *targets: dict[str, Any]) -> str:
    """The ARN of a rule for the events whose source is its name."""
    events = aws.client("events", ACCOUNT)
    arn: str = events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))["RuleArn"]
    given = [{"Id": str(at), **target} for at, target in enumerate(targets)]
    assert events.put_targets(Rule=name, Targets=given)["FailedEntryCount"] == 0
    return arn


def _rule_arn(name: str) -> str:
    return f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"


def _send(aws: LocalAws, rule: str, detail: dict[str, Any]) -> None:
    entry = {"Source": rule, "DetailType": "lab", "Detail": json.dumps(detail)}
    aws.client("events", ACCOUNT).put_events(Entries=[entry])


def _open_queue(aws: LocalAws, name: str, rule: str, **attributes: str) -> tuple[str, str]:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    policy = lets("events", "sqs:SendMessage", arn, _rule_arn(rule))
    return queue(aws, ACCOUNT, name, Policy=policy, **attributes)


def test_a_queue_gets_what_its_policy_lets_the_rule_send(local_aws: LocalAws) -> None:
    url, arn = _open_queue(local_aws, "open", "to-queues")
    other_url, other = _open_queue(local_aws, "open-to-another", "other")
    closed_url, closed = queue(local_aws, ACCOUNT, "closed")
    _rule(local_aws, "to-queues", *({"Arn": each} for each in (closed, other, arn, f"{arn}-none-such")))
    _send(local_aws, "to-queues", {"a": 1})
    event = json.loads(received(local_aws, ACCOUNT, url)[0]["Body"])
    assert (event["source"], event["detail"], event["account"]) == ("to-queues", {"a": 1}, ACCOUNT)
    assert [waiting(local_aws, ACCOUNT, each) for each in (other_url, closed_url)] == [0, 0]
    log = local_aws.log()
    rule = _rule_arn("to-queues")
    assert f"the policy of {closed} does not let events.amazonaws.com send to it for {rule}" in log
    assert f"there is no queue {arn}-none-such" in log


def test_inputs(local_aws: LocalAws) -> None:
    url, arn = _open_queue(local_aws, "inputs", "inputs")
    transformer = {"InputPathsMap": {"a": "$.detail.a"}, "InputTemplate": '{"got": <a>}'}
    targets: list[dict[str, Any]] = [{"Input": '"fixed"'}, {"InputPath": "$.detail"}, {"InputTransformer": transformer}]
    _rule(local_aws, "inputs", *({"Arn": arn, **each} for each in targets))
    _send(local_aws, "inputs", {"a": "one"})
    bodies = {each["Body"] for each in received(local_aws, ACCOUNT, url, 3)}
    assert {json.dumps(json.loads(body)) for body in bodies} == {'"fixed"', '{"a": "one"}', '{"got": "one"}'}


def test_a_fifo_queue_gets_its_group(local_aws: LocalAws) -> None:
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url, arn = _open_queue(local_aws, "first.fifo", "grouped", **fifo)
    _rule(local_aws, "grouped", {"Arn": arn, "SqsParameters": {"MessageGroupId": "g"}})
    _send(local_aws, "grouped", {"a": 1})
    assert received(local_aws, ACCOUNT, url)[0]["Attributes"]["MessageGroupId"] == "g"


def test_a_topic_gets_what_its_policy_lets_events_publish(local_aws: LocalAws) -> None:
    """Without a condition: AWS's documentation knows none for EventBridge in the policy of a topic."""
    sns = local_aws.client("sns", ACCOUNT)
    urls = []
    topics = []
    for name, source in (("default", None), ("conditional", _rule_arn("to-topics")), ("open", None)):
        topic = sns.create_topic(Name=name)["TopicArn"]
        if name != "default":
            policy = lets("events", "sns:Publish", topic, source)
            sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:behind-{name}"
        url, _ = queue(local_aws, ACCOUNT, f"behind-{name}", Policy=lets("sns", "sqs:SendMessage", arn, topic))
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        urls.append(url)
        topics.append(topic)
    _rule(local_aws, "to-topics", *({"Arn": each} for each in topics))
    _send(local_aws, "to-topics", {"a": 1})
    envelope = json.loads(received(local_aws, ACCOUNT, urls[2])[0]["Body"])
    assert json.loads(envelope["Message"])["detail"] == {"a": 1}
    assert "Subject" not in envelope
    assert [waiting(local_aws, ACCOUNT, each) for each in urls[:2]] == [0, 0]
    assert f"the policy of {topics[0]} does not let events.amazonaws.com publish to it" in local_aws.log()


def test_a_function_that_lets_the_rule_is_invoked(local_aws: LocalAws) -> None:
    url, _ = queue(local_aws, ACCOUNT, "told")
    function = function_that_tells(local_aws, ACCOUNT, "target", url)
    permit(local_aws, ACCOUNT, "target", "events", _rule_arn("may-call"))
    for name in ("may-not-call", "may-call"):
        _rule(local_aws, name, {"Arn": function})
        _send(local_aws, name, {"a": 1})
    found = json.loads(received(local_aws, ACCOUNT, url)[0]["Body"])
    assert (found["source"], found["detail"]) == ("may-call", {"a": 1})
    assert f"does not let events.amazonaws.com invoke it for {_rule_arn('may-not-call')}" in local_aws.log()


def test_what_is_not_delivered_is_counted_and_goes_to_the_dead_letter_queue(local_aws: LocalAws) -> None:
    dead_url, dead = _open_queue(local_aws, "dead", "fails")
    _, closed = queue(local_aws, ACCOUNT, "refusing")
    rule = _rule(local_aws, "fails", {"Arn": closed, "Input": "1", "DeadLetterConfig": {"Arn": dead}})
    _send(local_aws, "fails", {"a": 1})
    message = received(local_aws, ACCOUNT, dead_url)[0]
    assert json.loads(message["Body"])["detail"] == {"a": 1}
    said = {name: each["StringValue"] for name, each in message["MessageAttributes"].items()}
    assert (said["RULE_ARN"], said["TARGET_ARN"], said["ERROR_CODE"]) == (rule, closed, "NO_PERMISSIONS")
    now = time.time()
    counted = local_aws.client("cloudwatch", ACCOUNT).get_metric_statistics(
        Namespace="AWS/Events",
        MetricName="FailedInvocations",
        Dimensions=[{"Name": "RuleName", "Value": "fails"}],
        StartTime=now - 3600,
        EndTime=now + 3600,
        Period=7200,
        Statistics=["Sum"],
    )["Datapoints"]
    assert sum(each["Sum"] for each in counted) == 1


@pytest.mark.parametrize(
    "target",
    [
        {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:a.fifo"},
        {"Arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:a.fifo"},
        {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:a", "Input": "1", "InputPath": "$.a"},
        {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:a", "DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-west-1:1:a"}},
    ],
)
def test_what_is_no_target(local_aws: LocalAws, target: dict[str, Any]) -> None:
    events = local_aws.client("events", ACCOUNT)
    events.put_rule(Name="refuses", EventPattern='{"source":["refuses"]}')
    with pytest.raises(ClientError) as error:
        events.put_targets(Rule="refuses", Targets=[{"Id": "1", **target}])
    assert error.value.response["Error"]["Code"] == "ValidationException"
    assert events.list_targets_by_rule(Rule="refuses")["Targets"] == []


def test_a_rule_has_five_targets(local_aws: LocalAws) -> None:
    events = local_aws.client("events", ACCOUNT)
    target = {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:a"}
    _rule(local_aws, "full", *[target] * 5)
    events.put_targets(Rule="full", Targets=[{"Id": "0", **target}])
    with pytest.raises(ClientError) as error:
        events.put_targets(Rule="full", Targets=[{"Id": "5", **target}])
    assert error.value.response["Error"]["Code"] == "LimitExceededException"
