"""The data event of a write, in the shape AWS documents."""

from typing import Any

import pytest
from treino_local.cloudtrail import events

_HEADERS = {
    "host": "photos.s3.eu-central-1.amazonaws.com",
    "user-agent": "cli",
    "x-amz-storage-class": "STANDARD_IA",
    "x-amz-content-sha256": "0",
    "authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-central-1/s3/aws4_request, Signature=0",
}


def _event(name: str = "PutObject", key: str = "in/a.jpg", query: dict[str, list[str]] | None = None) -> dict[str, Any]:
    answered = {"x-amz-request-id": "R", "x-amz-id-2": "I", "x-amz-server-side-encryption": "AES256", "ETag": "E"}
    owner, region, caller = "210987654321", "eu-central-1", "123456789012"
    return events._event(name, "photos", key, owner, region, caller, _HEADERS, b"1234", query or {}, answered)


def test_a_put() -> None:
    event = _event()
    assert event["requestParameters"] == {
        "bucketName": "photos",
        "Host": "photos.s3.eu-central-1.amazonaws.com",
        "key": "in/a.jpg",
        "x-amz-storage-class": "STANDARD_IA",
    }
    assert event["responseElements"] == {"x-amz-server-side-encryption": "AES256"}
    assert event["resources"] == [
        {"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::photos/in/a.jpg"},
        {"accountId": "210987654321", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::photos"},
    ]
    assert (event["userAgent"], event["requestID"], event["readOnly"]) == ("[cli]", "R", False)
    assert event["additionalEventData"]["bytesTransferredIn"] == 4
    # Whose bucket it is, and who called.
    assert event["recipientAccountId"] == "210987654321"
    assert event["userIdentity"]["accountId"] == "123456789012"


def test_a_delete_has_no_response_elements() -> None:
    assert _event("DeleteObject")["responseElements"] is None


def test_a_batch_delete_names_no_key() -> None:
    event = _event("DeleteObjects", key="")
    assert "key" not in event["requestParameters"]
    assert event["resources"][0] == {"type": "AWS::S3::Object", "ARNPrefix": "arn:aws:s3:::photos/"}


def test_a_presigned_address_leaves_no_signature_in_the_event() -> None:
    event = _event(query={"X-Amz-Signature": ["secret"], "X-Amz-Credential": ["x"], "tagging": [""]})
    assert event["requestParameters"]["tagging"] == ""
    assert event["additionalEventData"]["AuthenticationMethod"] == "QueryString"
    assert "secret" not in str(event)


@pytest.mark.parametrize("account", ["123456789012", "210987654321"])
def test_an_account_s_own_key_is_its_root(account: str) -> None:
    identity = events._identity(account, {}, {})
    assert identity["type"] == "Root"
    assert identity["arn"] == f"arn:aws:iam::{account}:root"
    assert identity["principalId"] == account
