"""Topics, subscriptions, queues and their messages outlive the processes, also at another port."""

import json
from pathlib import Path
from typing import Any

import pytest
from messaging import lets, queue, received
from processes import Killable, kill, wait_for
from support import ACCOUNT, REGION

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:kept"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:kept"


def _fill(local: Killable) -> None:
    sns, sqs = local.client("sns"), local.client("sqs")
    sns.create_topic(Name="kept", Tags=[{"Key": "a", "Value": "b"}], Attributes={"DisplayName": "Kept"})
    _, dead = queue(local, ACCOUNT, "dead")
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 3})
    policy = lets("sns", "sqs:SendMessage", QUEUE, TOPIC)
    url, _ = queue(local, ACCOUNT, "kept", Policy=policy, RedrivePolicy=redrive)
    sqs.tag_queue(QueueUrl=url, Tags={"a": "b"})
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=QUEUE, Attributes={"RawMessageDelivery": "true"})
    sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="ana@example.com")
    sns.publish(TopicArn=TOPIC, Message="before")


def _seen(local: Killable) -> dict[str, Any]:
    sns, sqs = local.client("sns"), local.client("sqs")
    url = sqs.get_queue_url(QueueName="kept")["QueueUrl"]
    assert url == f"{local.endpoint}/{ACCOUNT}/kept"
    assert sqs.create_queue(QueueName="kept")["QueueUrl"] == url
    return {
        "queues": [each.removeprefix(local.endpoint) for each in sqs.list_queues()["QueueUrls"]],
        "attributes": sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"],
        "queue's tags": sqs.list_queue_tags(QueueUrl=url)["Tags"],
        "topics": sns.list_topics()["Topics"],
        "topic": sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"],
        "topic's tags": sns.list_tags_for_resource(ResourceArn=TOPIC)["Tags"],
        "subscriptions": sns.list_subscriptions()["Subscriptions"],
    }


def _saved(folder: Path, file: str, text: str) -> bool:
    path = folder / "state_dir" / file
    return path.exists() and text in path.read_text()


@pytest.mark.parametrize("how", ["front killed", "backend killed", "terminated"])
def test_all_of_it_is_there_again(tmp_path: Path, how: str) -> None:
    local = Killable(tmp_path).ready()
    _fill(local)
    before = _seen(local)
    if how == "terminated":
        assert local.terminate() == 0
    else:
        wait_for(lambda: _saved(tmp_path, "sqs.json", "before") and _saved(tmp_path, "sns.json", "ana@example.com"))
        if how == "backend killed":
            kill(local.backend)
            wait_for(lambda: "is started again" in local.log())
        else:
            local.kill()
    if how != "backend killed":
        local = Killable(tmp_path).ready()
    assert _seen(local) == before
    local.client("sns").publish(TopicArn=TOPIC, Message="after")
    url = local.client("sqs").get_queue_url(QueueName="kept")["QueueUrl"]
    assert sorted(each["Body"] for each in received(local, ACCOUNT, url, 2)) == ["after", "before"]
    for file in ("sns.json", "sqs.json"):
        assert (tmp_path / "state_dir" / file).stat().st_mode & 0o077 == 0
    local.end()
