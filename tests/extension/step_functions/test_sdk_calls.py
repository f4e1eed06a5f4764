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


@pytest.mark.parametrize(
    ("service", "operation", "body", "error"),
    [
        ("lambda", "DeleteFunction", b'{"Type": "User"}', "Lambda.ResourceNotFoundException"),
        ("sfn", "DescribeExecution", b'{"__type": "ExecutionDoesNotExist"}', "Sfn.ExecutionDoesNotExistException"),
        ("sfn", "ListTagsForResource", b'{"__type": "ResourceNotFound"}', "Sfn.ResourceNotFoundException"),
        ("eventbridge", "DescribeRule", b'{"__type": "ValidationException"}', "EventBridge.EventBridgeException"),
        ("cloudtrail", "GetTrail", b'{"__type": "TrailNotFoundException"}', "CloudTrail.TrailNotFoundException"),
        (
            "cloudwatchlogs",
            "DeleteLogGroup",
            b'{"__type": "OperationAbortedException"}',
            "CloudWatchLogs.OperationAbortedException",
        ),
        # Of its SDK integration; the optimized one's errors begin with DynamoDB.
        ("dynamodb", "DeleteTable", b'{"__type": "ResourceInUseException"}', "DynamoDb.ResourceInUseException"),
        (
            "iam",
            "DeleteRole",
            b"<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>",
            "Iam.NoSuchEntityException",
        ),
        (
            "s3control",
            "ListTagsForResource",
            b"<ErrorResponse><Error><Code>NoSuchBucket</Code></Error></ErrorResponse>",
            "S3Control.S3ControlException",
        ),
    ],
)
def test_each_service_s_errors(service: str, operation: str, body: bytes, error: str) -> None:
    model = sdk_calls._model(service).operation_model(operation)
    headers = {"x-amzn-errortype": "ResourceNotFoundException"} if service == "lambda" else {}
    assert vars(sdk_calls.failure(service, sdk_calls.Answered(model, 404, headers, body)))["error"] == error


def test_which_calls_of_dynamodb_are_of_items() -> None:
    calls = ["putItem", "query", "batchGetItem", "transactWriteItems", "executeStatement"]
    others = ["deleteTable", "listTables", "listTagsOfResource", "describeTable", "meltTable"]
    assert [sdk_calls._is_of_items("dynamodb", each) for each in calls + others] == [True] * 5 + [False] * 5


def test_keys_are_decoded_where_they_were_asked_for_encoded() -> None:
    body = (
        b"<ListVersionsResult>%s<NextKeyMarker>a+b%%2B</NextKeyMarker><Version><Key>a+b%%2B%%01</Key>"
        b"<VersionId>%%2B</VersionId></Version></ListVersionsResult>"
    )
    for encoding, marker, key in (
        (b"", "a+b%2B", "a+b%2B%01"),
        (b"<EncodingType>url</EncodingType>", "a b+", "a b+\x01"),
    ):
        parsed = sdk_calls.Answered(_operation("ListObjectVersions"), 200, {}, body % encoding).parsed
        assert (parsed["NextKeyMarker"], parsed["Versions"]) == (marker, [{"Key": key, "VersionId": "%2B"}])
