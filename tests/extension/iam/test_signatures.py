"""Whose requests get in: signed by the secret of the account's root, or by the keys of a user or session."""

import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import botocore
import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from support import REGION, LocalAws

SERVICES = {
    "s3": ("list_buckets", "SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied"),
    "iam": ("list_roles", "SignatureDoesNotMatch", "InvalidClientTokenId", "MissingAuthenticationToken"),
    "sts": ("get_caller_identity", "SignatureDoesNotMatch", "InvalidClientTokenId", "MissingAuthenticationToken"),
    "dynamodb": (
        "list_tables",
        "InvalidSignatureException",
        "UnrecognizedClientException",
        "MissingAuthenticationTokenException",
    ),
    "lambda": (
        "list_functions",
        "InvalidSignatureException",
        "UnrecognizedClientException",
        "MissingAuthenticationTokenException",
    ),
    "stepfunctions": (
        "list_state_machines",
        "InvalidSignatureException",
        "UnrecognizedClientException",
        "MissingAuthenticationTokenException",
    ),
    "events": (
        "list_rules",
        "InvalidSignatureException",
        "UnrecognizedClientException",
        "MissingAuthenticationTokenException",
    ),
}
ROOT = "100000000042"
TRUST = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def code(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    return str(refused.value.response["Error"]["Code"])


def status(request: Any) -> int:
    request = AWSRequest.prepare(request) if isinstance(request, AWSRequest) else request
    asked = urllib.request.Request(request.url, data=request.body, method=request.method, headers=dict(request.headers))
    try:
        with urllib.request.urlopen(asked) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_wrong_is_refused_in_the_services_words(local_aws: LocalAws, service: str) -> None:
    operation, wrong, unknown, unsigned = SERVICES[service]
    getattr(local_aws.client(service, key=ROOT), operation)()
    assert code(getattr(local_aws.client(service, key=ROOT, secret="local"), operation)) == wrong
    assert code(getattr(local_aws.client(service, key="AKIAABCDEFGHIJKLMNOP"), operation)) == unknown
    assert code(getattr(local_aws.client(service, key="test"), operation)) == unknown
    anonymous = boto3.client(
        service, endpoint_url=local_aws.endpoint, region_name=REGION, config=Config(signature_version=botocore.UNSIGNED)
    )
    assert code(getattr(anonymous, operation)) == unsigned


def signed(local_aws: LocalAws, *, when: datetime | None = None, body: bytes = b"", path: str = "/") -> AWSRequest:
    request = AWSRequest(
        "POST",
        f"{local_aws.endpoint}{path}",
        data=body,
        headers={
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "DynamoDB_20120810.ListTables",
        },
    )
    signer = SigV4Auth(Credentials(ROOT, local_aws._secret), "dynamodb", REGION)
    if when is None:
        signer.add_auth(request)
    else:
        _at(signer, request, when)
    return request


def _at(signer: Any, request: AWSRequest, when: datetime) -> None:
    request.context["timestamp"] = when.strftime("%Y%m%dT%H%M%SZ")
    signer._modify_request_before_signing(request)
    canonical = signer.canonical_request(request)
    signer._inject_signature_to_request(request, signer.signature(signer.string_to_sign(request, canonical), request))


def test_every_part_of_a_request_is_signed(local_aws: LocalAws) -> None:
    assert status(signed(local_aws, body=b"{}")) == 200
    tampered = signed(local_aws, body=b"{}").prepare()
    tampered.body = b'{"Limit": 1}'
    assert status(tampered) == 400
    for name, value in (("X-Amz-Target", "DynamoDB_20120810.DeleteTable"), ("X-Amz-Date", "20260101T000000Z")):
        request = signed(local_aws, body=b"{}").prepare()
        del request.headers[name]
        request.headers[name] = value
        assert status(request) in (400, 403)
    request = signed(local_aws, body=b"{}").prepare()
    request.url += "?Action=Other"
    assert status(request) == 400
    request = signed(local_aws, body=b"{}").prepare()
    # A header of AWS's that was added on the way.
    request.headers["X-Amz-Security-Token"] = "x"
    assert status(request) == 400


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_clock_that_goes_otherwise_is_refused(local_aws: LocalAws, minutes: int) -> None:
    when = datetime.now(timezone.utc) + timedelta(minutes=minutes)
    assert status(signed(local_aws, body=b"{}", when=when)) == 400


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_presigned_addresses(local_aws: LocalAws, version: str) -> None:
    s3 = local_aws.client("s3", key=ROOT)
    bucket = f"presigned-{version}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=bucket, Key="a b/ü+?%", Body=b"mine")
    signer = boto3.client(
        "s3",
        endpoint_url=local_aws.endpoint,
        region_name=REGION,
        aws_access_key_id=ROOT,
        aws_secret_access_key=local_aws._secret,
        config=Config(signature_version=version, s3={"addressing_style": "path"}),
    )

    def got(address: str) -> int:
        return status(AWSRequest("GET", address))

    address = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü+?%"})
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == b"mine"
    assert got(address.replace("a%20b", "a%20c")) == 403
    assert got(address.partition("?")[0]) == 403
    assert status(AWSRequest("DELETE", address)) == 403
    assert got(signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=-5)) in (
        400,
        403,
    )


def test_a_presigned_address_of_yesterday(local_aws: LocalAws) -> None:
    signer = SigV4QueryAuth(Credentials(ROOT, local_aws._secret), "sts", REGION, expires=60)
    for age, expected in ((0, 200), (61, 403), (86400, 403)):
        request = AWSRequest("GET", f"{local_aws.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15")
        _at(signer, request, datetime.now(timezone.utc) - timedelta(seconds=age))
        assert status(request) == expected


@pytest.mark.parametrize("size", [10, 9_000_000])
def test_uploads_of_every_kind(local_aws: LocalAws, size: int) -> None:
    s3 = local_aws.client("s3", key=ROOT)
    bucket = f"uploads-{size}"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    body = bytes(range(256)) * (size // 256 + 1)
    s3.put_object(Bucket=bucket, Key="framed", Body=io.BytesIO(body))
    s3.put_object(Bucket=bucket, Key="plain", Body=body, ChecksumSHA256=_sha256(body))
    s3.upload_fileobj(io.BytesIO(body), bucket, "parts")
    for key in ("framed", "plain", "parts"):
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body
        ranged = s3.get_object(Bucket=bucket, Key=key, Range="bytes=3-6")["Body"].read()
        assert ranged == body[3:7]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/parts")
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == body
    request = AWSRequest("PUT", f"{local_aws.endpoint}/{bucket}/tampered", data=body)
    request.headers["x-amz-content-sha256"] = _hex(body)
    SigV4Auth(Credentials(ROOT, local_aws._secret), "s3", REGION).add_auth(request)
    prepared = request.prepare()
    prepared.body = body[:-1] + b"!"
    assert status(prepared) == 400
    assert code(lambda: s3.head_object(Bucket=bucket, Key="tampered")) == "404"


def _hex(body: bytes) -> str:
    import hashlib

    return hashlib.sha256(body).hexdigest()


def _sha256(body: bytes) -> str:
    import base64

    return base64.b64encode(bytes.fromhex(_hex(body))).decode()


def test_users_and_sessions_sign_with_their_own_secrets(local_aws: LocalAws) -> None:
    iam = local_aws.client("iam", key=ROOT)
    iam.create_user(UserName="signs")
    made = iam.create_access_key(UserName="signs")["AccessKey"]
    key, secret = made["AccessKeyId"], made["SecretAccessKey"]
    arn = local_aws.client("sts", key=key, secret=secret).get_caller_identity()["Arn"]
    assert arn == f"arn:aws:iam::{ROOT}:user/signs"
    assert code(local_aws.client("sts", key=key, secret="other").get_caller_identity) == "SignatureDoesNotMatch"
    # The root's secret is the root's.
    assert code(local_aws.client("sts", key=key).get_caller_identity) == "SignatureDoesNotMatch"
    iam.update_access_key(UserName="signs", AccessKeyId=key, Status="Inactive")
    assert code(local_aws.client("sts", key=key, secret=secret).get_caller_identity) == "InvalidClientTokenId"

    policy = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = iam.create_role(RoleName="assumed-here", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    session = local_aws.client("sts", key=ROOT).assume_role(RoleArn=role, RoleSessionName="one")["Credentials"]

    def sts(token: str | None) -> Any:
        return boto3.client(
            "sts",
            endpoint_url=local_aws.endpoint,
            region_name=REGION,
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=token,
        )

    assert "assumed-role/assumed-here" in sts(session["SessionToken"]).get_caller_identity()["Arn"]
    assert code(sts(None).get_caller_identity) == "InvalidClientTokenId"
    assert code(sts("made up").get_caller_identity) == "InvalidClientTokenId"


def test_a_form_needs_its_policy_signed(local_aws: LocalAws) -> None:
    import urllib3

    s3 = local_aws.client("s3", key=ROOT)
    s3.create_bucket(Bucket="by-form", CreateBucketConfiguration={"LocationConstraint": REGION})
    form = s3.generate_presigned_post("by-form", "uploaded")

    def posted(**changed: str) -> int:
        fields = {**form["fields"], **changed, "file": ("n.txt", b"abc")}
        return int(urllib3.request("POST", form["url"], fields=fields).status)

    assert posted() == 204
    name = "signature" if "signature" in form["fields"] else "x-amz-signature"
    assert posted(**{name: "0" * 64}) == 403
    assert posted(key="other") == 403
    assert int(urllib3.request("POST", form["url"], fields={"key": "x", "file": ("n", b"a")}).status) == 403


def test_paths_of_ministacks_own_are_the_roots(local_aws: LocalAws) -> None:
    for path in ("/_ministack/reset", "/_ministack/config", "/_localstack/health", "/_aws/ses"):
        assert status(AWSRequest("POST", f"{local_aws.endpoint}{path}", data=b"{}")) == 403
