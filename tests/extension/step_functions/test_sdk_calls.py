"""Names and values between a definition and the API, by the service's model."""

import datetime
import json
from typing import Any

import pytest
from ministack.core import responses
from treino_local.step_functions import sdk_calls


def _operation(name: str, service: str = "s3") -> Any:
    return responses._service_model(service).operation_model(name)


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("Bucket", "Bucket"), ("ETag", "ETag"), ("VaultARN", "VaultARN"), ("ACL", "Acl"), ("ID", "Id"),
        ("SSEKMSKeyId", "SsekmsKeyId"), ("vaultName", "VaultName"), ("CreationDate", "CreationDate"),
    ],
)  # fmt: skip
def test_a_member_s_name_in_the_sdk_for_java(member: str, name: str) -> None:
    assert sdk_calls._sdk_name(member) == name


def test_a_body_is_the_json_of_its_value() -> None:
    shape = _operation("PutObject").input_shape
    for value, text in (({"a": "ü"}, b'{"a":"\xc3\xbc"}'), ("text", b'"text"')):
        wire = sdk_calls._to_wire({"Bucket": "b", "Key": "k", "Body": value}, shape, "PutObject")
        assert wire == {"Bucket": "b", "Key": "k", "Body": text}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"Bucket": "b"}, "The field 'Key' of PutObject is required."),
        ({"Bucket": "b", "Key": "k", "Colour": 1}, "The field 'Colour' of PutObject is not supported"),
        ([], "The field 'PutObject' is not an object."),
        ({"Bucket": "b", "Key": "k", "Metadata": []}, "The field 'Metadata' is not an object."),
    ],
)
def test_parameters_that_do_not_fit(parameters: Any, message: str) -> None:
    with pytest.raises(Exception, match=message) as failure:
        sdk_calls._to_wire(parameters, _operation("PutObject").input_shape, "PutObject")
    assert vars(failure.value)["error"] == "States.Runtime"


def test_an_answer_as_a_state_sees_it() -> None:
    seen = sdk_calls._from_wire(
        {"Buckets": [{"Name": "b", "CreationDate": datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)}]},
        _operation("ListBuckets").output_shape,
    )
    assert seen == {"Buckets": [{"Name": "b", "CreationDate": "2026-01-02T00:00:00Z"}]}
    json.dumps(seen)


@pytest.mark.parametrize(
    ("operation", "status", "body", "error"),
    [
        ("GetObject", 404, b"<Error><Code>NoSuchKey</Code><Message>m</Message></Error>", "S3.NoSuchKeyException"),
        ("HeadObject", 404, b"", "S3.NoSuchKeyException"),
        ("HeadBucket", 404, b"", "S3.NoSuchBucketException"),
        ("GetObject", 503, b"<Error><Code>SlowDown</Code><Message>m</Message></Error>", "S3.S3Exception"),
    ],
)
def test_errors_have_the_names_of_the_sdk_for_java(operation: str, status: int, body: bytes, error: str) -> None:
    answer = sdk_calls.Answered(_operation(operation), status, {"x-amz-request-id": "R"}, body)
    failure = sdk_calls.failure("s3", answer)
    assert vars(failure)["error"] == error
    assert vars(failure)["cause"].endswith(f"(Service: S3, Status Code: {status}, Request ID: R)")
