"""Which S3 API call a request is, by the name CloudTrail gives it."""

from urllib.parse import unquote, urlsplit

from treino_local.types import Headers, Query

# The writes CloudTrail records as data events, by method and the query parameter (or, for a
# copy, the header) that tells them apart; the first that fits is the one, as S3 itself decides.
_OBJECT_WRITES: dict[str, tuple[tuple[str, str], ...]] = {
    "PUT": (
        ("uploadId", "UploadPart"),
        ("tagging", "PutObjectTagging"),
        ("retention", "PutObjectRetention"),
        ("legal-hold", "PutObjectLegalHold"),
        ("acl", "PutObjectAcl"),
        ("", "PutObject"),
    ),
    "POST": (
        ("restore", "RestoreObject"),
        ("uploads", "CreateMultipartUpload"),
        ("uploadId", "CompleteMultipartUpload"),
    ),
    "DELETE": (
        ("uploadId", "AbortMultipartUpload"),
        ("tagging", "DeleteObjectTagging"),
        ("", "DeleteObject"),
    ),
}
_COPIES = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}


def object_write(method: str, bucket: str, key: str, headers: Headers, query: Query) -> str | None:
    """The name of the object-level write, or None for a read or a call on the bucket itself."""
    if bucket and not key and method == "POST":
        if "delete" in query:
            return "DeleteObjects"
        is_form = headers.get("content-type", "").startswith("multipart/form-data")
        return "PostObject" if is_form else None
    if not bucket or not key:
        return None
    for parameter, name in _OBJECT_WRITES.get(method, ()):
        if not parameter or parameter in query:
            return _COPIES.get(name, name) if "x-amz-copy-source" in headers else name
    return None


def posted_key(response_headers: Headers) -> str:
    """The key a browser's form upload got: S3 answers with the object's address, whichever form was sent."""
    return unquote(urlsplit(response_headers.get("Location", "")).path).lstrip("/")
