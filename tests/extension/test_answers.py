"""What the local AWS answers as AWS does, where no longer test shows it. docs/local-aws.md names these tests."""

import json
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError
from records import make_bucket, make_log_bucket, recorded
from support import REGION, LocalAws


def _refused(call: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return str(error.value.response["Error"]["Code"])


def test_a_new_bucket_is_private(local_aws: LocalAws) -> None:
    s3 = local_aws.client("s3", "500000000001")
    make_bucket(s3, "private-one")
    assert set(s3.get_public_access_block(Bucket="private-one")["PublicAccessBlockConfiguration"].values()) == {True}
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::private-one/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    assert _refused(s3.put_bucket_policy, Bucket="private-one", Policy=policy) == "AccessDenied"
    assert _refused(s3.put_bucket_acl, Bucket="private-one", ACL="public-read") == "AccessDenied"


def test_a_bucket_s_name_is_one_in_all_accounts(local_aws: LocalAws) -> None:
    make_bucket(local_aws.client("s3", "500000000002"), "taken-one")
    other = local_aws.client("s3", "500000000003")
    configuration = {"LocationConstraint": REGION}
    code = _refused(other.create_bucket, Bucket="taken-one", CreateBucketConfiguration=configuration)
    assert code == "BucketAlreadyExists"
    assert _refused(other.list_objects_v2, Bucket="taken-one") == "AccessDenied"


@pytest.mark.parametrize("bucket", ["encoded-one", "encoded--euc1-az1--x-s3"])
def test_lists_encode_keys(local_aws: LocalAws, bucket: str) -> None:
    """Also those that XML cannot hold."""
    s3 = local_aws.client("s3", "500000000011")
    keys = ["a\x1bb/c", "a\x1bb d+é"]
    encoded = ["a%1Bb/c", "a%1Bb%20d%2B%C3%A9"]
    directory = bucket.endswith("--x-s3")
    if directory:
        configuration: dict[str, Any] = {
            "Location": {"Type": "AvailabilityZone", "Name": "euc1-az1"},
            "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"},
        }
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=configuration)
    else:
        make_bucket(s3, bucket)
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
        # The upload is there, but boto3 cannot read the answer, nor could it AWS's.
        with pytest.raises(ClientError):
            s3.create_multipart_upload(Bucket=bucket, Key=key)
    asked = {"Bucket": bucket, "EncodingType": "url"}
    listed = s3.list_objects_v2(**asked)
    assert [each["Key"] for each in listed["Contents"]] == sorted(encoded)
    uploads = s3.list_multipart_uploads(**asked)
    assert [each["Key"] for each in uploads["Uploads"]] == sorted(encoded)
    assert uploads["EncodingType"] == "url"
    first = s3.list_multipart_uploads(MaxUploads=1, Prefix="a\x1b" * (not directory), KeyMarker="", **asked)
    assert first["NextKeyMarker"] == min(encoded)
    assert _refused(s3.list_multipart_uploads, Bucket=bucket, EncodingType="xml") == "InvalidArgument"
    assert _refused(s3.list_objects_v2, Bucket=bucket, EncodingType="xml") == "InvalidArgument"
    if directory:
        return
    versions = s3.list_object_versions(**asked)
    assert [each["Key"] for each in versions["Versions"]] == sorted(encoded)
    assert versions["EncodingType"] == "url"
    grouped = s3.list_object_versions(Prefix="a\x1b", Delimiter="b/", KeyMarker="a\x01", MaxKeys=1, **asked)
    assert grouped["CommonPrefixes"] == [{"Prefix": "a%1Bb/"}]
    assert (grouped["Prefix"], grouped["Delimiter"], grouped["KeyMarker"]) == ("a%1B", "b/", "a%01")
    assert grouped["NextKeyMarker"] == "a%1Bb/"


def test_a_key_that_xml_cannot_hold_is_a_character_reference(local_aws: LocalAws) -> None:
    s3 = local_aws.client("s3", "500000000012")
    make_bucket(s3, "unencoded-one")
    s3.put_object(Bucket="unencoded-one", Key="a\x1bb\rc", Body=b"1")
    for operation in ("list_object_versions", "list_objects", "list_objects_v2"):
        address = s3.generate_presigned_url(operation, {"Bucket": "unencoded-one", "EncodingType": ""})
        with urllib.request.urlopen(address) as answer:
            assert b"<Key>a&#x1b;b&#xd;c</Key>" in answer.read()


def test_a_trail_s_bucket_has_to_let_it_write(local_aws: LocalAws) -> None:
    account = "500000000004"
    trails = local_aws.client("cloudtrail", account)
    code = _refused(trails.create_trail, Name="trail", S3BucketName="none-such")
    assert code == "S3BucketDoesNotExistException"
    make_bucket(local_aws.client("s3", account), "logs-without-policy")
    code = _refused(trails.create_trail, Name="trail", S3BucketName="logs-without-policy")
    assert code == "InsufficientS3BucketPolicyException"


def test_a_region_has_five_trails_and_each_keeps_its_tags(local_aws: LocalAws) -> None:
    account = "500000000005"
    make_log_bucket(local_aws, account, "logs-of-five")
    trails = local_aws.client("cloudtrail", account)
    tags = [{"Key": "lab", "Value": "one"}]
    made = [trails.create_trail(Name=f"trail-{at}", S3BucketName="logs-of-five", TagsList=tags) for at in range(5)]
    code = _refused(trails.create_trail, Name="trail-5", S3BucketName="logs-of-five")
    assert code == "MaximumNumberOfTrailsExceededException"
    listed = trails.list_tags(ResourceIdList=[made[0]["TrailARN"]])["ResourceTagList"]
    assert listed[0]["TagsList"] == tags


def test_a_trail_s_log_file_is_there_when_it_stops(local_aws: LocalAws) -> None:
    account = "500000000006"
    with recorded(local_aws, account, "written-to") as records:
        local_aws.client("s3", account).put_object(Bucket="written-to", Key="a b.jpg", Body=b"1")
    assert [(each["eventName"], each["requestParameters"]["key"]) for each in records] == [("PutObject", "a b.jpg")]


def test_a_rule_that_is_put_again_keeps_its_tags(local_aws: LocalAws) -> None:
    events = local_aws.client("events", "500000000007")
    pattern = json.dumps({"source": ["lab"]})
    arn = events.put_rule(Name="rule", EventPattern=pattern, Tags=[{"Key": "lab", "Value": "one"}])["RuleArn"]
    events.put_rule(Name="rule", EventPattern=pattern, Tags=[{"Key": "lab", "Value": "two"}])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "lab", "Value": "one"}]


def test_events_of_aws_are_aws_s_alone(local_aws: LocalAws) -> None:
    entry = {"Source": "aws.s3", "DetailType": "Object Created", "Detail": "{}"}
    answer = local_aws.client("events", "500000000008").put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_an_item_has_the_limits_of_dynamodb(local_aws: LocalAws) -> None:
    tables = local_aws.client("dynamodb", "500000000009")
    tables.create_table(
        TableName="items",
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for item in ({"key": {"S": "a"}, "value": {"S": "x" * 409_600}}, {"key": {"S": ""}}, {"key": {"N": "1"}}):
        assert _refused(tables.put_item, TableName="items", Item=item) == "ValidationException"
    tables.put_item(TableName="items", Item={"key": {"S": "a"}})
    condition = {"ConditionExpression": "attribute_not_exists(#k)", "ExpressionAttributeNames": {"#k": "key"}}
    code = _refused(tables.put_item, TableName="items", Item={"key": {"S": "a"}}, **condition)
    assert code == "ConditionalCheckFailedException"


def test_rekognition_s_other_calls_are_refused_by_name(local_aws: LocalAws) -> None:
    rekognition = local_aws.client("rekognition", "500000000010")
    assert _refused(rekognition.detect_text, Image={"Bytes": b"x"}) == "UnknownOperationException"
