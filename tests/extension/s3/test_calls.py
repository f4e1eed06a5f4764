"""The name of a write of an object, as CloudTrail has it."""

import pytest
from treino_local.s3 import calls


@pytest.mark.parametrize(
    ("method", "query", "headers", "name"),
    [
        ("PUT", "", {}, "PutObject"),
        ("PUT", "", {"x-amz-copy-source": "/a/b"}, "CopyObject"),
        ("PUT", "uploadId", {}, "UploadPart"),
        ("PUT", "uploadId", {"x-amz-copy-source": "/a/b"}, "UploadPartCopy"),
        ("PUT", "tagging", {}, "PutObjectTagging"),
        ("PUT", "acl", {}, "PutObjectAcl"),
        ("POST", "uploads", {}, "CreateMultipartUpload"),
        ("POST", "uploadId", {}, "CompleteMultipartUpload"),
        ("POST", "restore", {}, "RestoreObject"),
        ("DELETE", "", {}, "DeleteObject"),
        ("DELETE", "uploadId", {}, "AbortMultipartUpload"),
        ("DELETE", "tagging", {}, "DeleteObjectTagging"),
        ("GET", "", {}, None),
        ("HEAD", "", {}, None),
        # SelectObjectContent reads.
        ("POST", "select", {}, None),
    ],
)
def test_a_call_on_an_object(method: str, query: str, headers: dict[str, str], name: str | None) -> None:
    assert calls.object_write(method, "bucket", "key", headers, {query: [""]} if query else {}) == name


def test_calls_on_a_bucket() -> None:
    assert calls.object_write("POST", "bucket", "", {}, {"delete": [""]}) == "DeleteObjects"
    form = {"content-type": "multipart/form-data; boundary=x"}
    assert calls.object_write("POST", "bucket", "", form, {}) == "PostObject"
    assert calls.object_write("PUT", "bucket", "", {}, {}) is None
    assert calls.object_write("GET", "", "", {}, {}) is None


def test_the_key_of_a_form_is_that_of_its_address() -> None:
    assert calls.posted_key({"Location": "http://bucket.localhost/in/a%20b.jpg"}) == "in/a b.jpg"
    assert calls.posted_key({}) == ""
