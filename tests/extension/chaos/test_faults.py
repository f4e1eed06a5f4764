"""What befalls a request is drawn from the seed and what is asked, and from nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from treino_local.chaos import faults, refusals

_SETTINGS: dict[str, Any] = {
    "settings": "throttle=10%",
    "seed": 42,
    "only": [],
    "latency": [20, 80],
    "throttle": 0.1,
    "fail": 0.2,
    "drop": 0.1,
}


def _call(
    body: bytes = b"", path: str = "/", query: str = "", account: str = "123456789012", **headers: str
) -> faults.Call:
    given = {"authorization": f"AWS4-HMAC-SHA256 Credential={account}/20260101/eu-central-1/states/aws4_request"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = [(name.encode(), value.encode()) for name, value in given.items()]
    call = faults.Call.of({"headers": pairs, "query_string": query.encode(), "path": path, "method": "POST"})
    assert call is not None
    call.body = body
    return call


def test_the_same_is_drawn_again() -> None:
    first, second = (faults._Settings(_SETTINGS) for _ in range(2))
    asked = [(str(at).encode(), 1) for at in range(100)]
    assert [first.fault(*each) for each in asked] == [second.fault(*each) for each in reversed(asked)][::-1]
    other = faults._Settings({**_SETTINGS, "seed": 43})
    assert [first.fault(*each) for each in asked] != [other.fault(*each) for each in asked]


def test_the_shares_are_what_was_asked_for() -> None:
    settings = faults._Settings(_SETTINGS)
    drawn = [settings.fault(at) for at in range(4000)]
    for name, share in (("throttle", 0.1), ("fail", 0.2), ("drop", 0.1), (None, 0.6)):
        assert drawn.count(name) / len(drawn) == pytest.approx(share, abs=0.03)
    assert all(0.02 <= settings.wait(at) <= 0.08 for at in range(100))


def test_the_same_question_is_known_again() -> None:
    question = _call(b'{"name":"m","tags":[{"key":"time","value":"1"}]}').question()
    assert _call(b'{"tags":[{"key":"time","value":"2"}],"name":"m"}').question() == question
    assert _call(b'{"name":"m","clientRequestToken":"1"}', query="X-Amz-Signature=1").question() == question
    assert _call(b'{"name":"other"}').question() != question
    assert _call(b'{"name":"m"}', account="210987654321").question() != question
    assert _call(b'{"name":"m"}', path="/other").question() != question


def test_a_form_s_tags_are_not_what_is_asked() -> None:
    kind = "application/x-www-form-urlencoded"
    call = _call(b"Action=CreateRole&RoleName=r&Tags.member.1.Value=1", content_type=kind)
    assert call.operation == "CreateRole"
    assert call.question() == _call(b"Action=CreateRole&RoleName=r&Tags.member.1.Value=2", content_type=kind).question()


def test_what_is_not_signed_or_comes_from_a_function_is_no_call() -> None:
    scope = {"headers": [], "query_string": b"", "path": "/", "method": "GET"}
    assert faults.Call.of(scope) is None
    signed = b"AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-central-1/s3express/aws4_request"
    call = faults.Call.of({**scope, "headers": [(b"authorization", signed)]})
    assert call is not None
    assert call.service == "s3"
    function = [(b"authorization", signed), (b"user-agent", b"Boto3/1 exec-env/AWS_Lambda_python3.12")]
    assert faults.Call.of({**scope, "headers": function}) is None


@pytest.mark.parametrize(
    ("service", "fault", "status", "code"),
    [
        ("s3", "throttle", 503, "SlowDown"),
        ("s3", "fail", 500, "InternalError"),
        ("lambda", "throttle", 429, "TooManyRequestsException"),
        ("iam", "throttle", 400, "Throttling"),
        ("states", "throttle", 400, "ThrottlingException"),
        ("dynamodb", "fail", 500, "InternalServerError"),
        ("events", "fail", 500, "InternalFailure"),
        ("sqs", "throttle", 403, "RequestThrottled"),
        ("sqs", "fail", 500, "InternalFailure"),
        ("sns", "throttle", 400, "Throttling"),
        ("sns", "fail", 500, "InternalError"),
    ],
)
def test_a_refusal_is_the_service_s(service: str, fault: str, status: int, code: str) -> None:
    call = _call(x_amz_target="T.Op") if service in ("states", "dynamodb", "events", "sqs") else _call()
    call.service = service
    found, headers, text = refusals.refusal(call, fault)
    assert found == status
    assert code in text or headers["x-amzn-errortype"] == code
    # SQS's SDKs show the code of this header.
    assert (headers.get("x-amzn-query-error", "").partition(";")[0] == code) == (service == "sqs")


def test_queues_and_topics_fail_on_purpose(start_local_aws: Any, tmp_path: Path) -> None:
    file = tmp_path / "chaos.json"
    file.write_text(json.dumps({**_SETTINGS, "only": ["sqs", "sns"], "latency": [0, 0], "throttle": 1.0}))
    aws = start_local_aws(TREINO_LOCAL_CHAOS=str(file))
    for call, code in (
        (aws.client("sqs").list_queues, "RequestThrottled"),
        (aws.client("sns").list_topics, "Throttling"),
    ):
        with pytest.raises(ClientError) as error:
            call()
        assert error.value.response["Error"]["Code"] == code
    assert aws.client("events").list_rules()["Rules"] == []
