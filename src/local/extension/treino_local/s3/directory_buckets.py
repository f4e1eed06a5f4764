"""S3 directory buckets (S3 Express One Zone): `BASE--ZONE--x-s3`, in one zone, with few of S3's features.

Objects, uploads and policies are kept where MiniStack keeps those of its other buckets. Here is what
differs: which names and calls there are, that ListBuckets does not show them, sessions and tags.
"""

import re
from collections.abc import Callable
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ministack import app
from ministack.core import router
from ministack.core.responses import get_account_id
from ministack.services import s3

from treino_local import patching
from treino_local.iam import policies
from treino_local.s3 import directory_actions, directory_names, directory_sessions, directory_tags
from treino_local.types import Answer, Handler, Headers, Query

BUCKETS_PER_REGION = 100
STORAGE_CLASS = "EXPRESS_ONEZONE"

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/s3express/")

# Query parameters that name a part of a bucket or object, and so make another call.
_PARTS = frozenset(
    (
        "accelerate",
        "acl",
        "analytics",
        "annotation",
        "attributes",
        "cors",
        "delete",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "legal-hold",
        "lifecycle",
        "list-type",
        "location",
        "logging",
        "metadataConfiguration",
        "metadataTable",
        "metrics",
        "notification",
        "object-lock",
        "ownershipControls",
        "policy",
        "policyStatus",
        "publicAccessBlock",
        "renameObject",
        "replication",
        "requestPayment",
        "restore",
        "retention",
        "select",
        "session",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "versioning",
        "versions",
        "website",
    )
)
# The calls there are, by method and part.
_OF_BUCKET = {
    "GET": ("encryption", "lifecycle", "list-type", "policy", "session", "uploads"),
    "PUT": ("", "encryption", "lifecycle", "policy"),
    "DELETE": ("", "encryption", "lifecycle", "policy"),
    "HEAD": ("",),
    "POST": ("delete",),
}
_OF_OBJECT = {
    "GET": ("", "attributes", "uploadId"),
    "PUT": ("", "uploadId"),
    "DELETE": ("", "uploadId"),
    "HEAD": ("",),
    "POST": ("uploads", "uploadId"),
}
# AWS has these for directory buckets, and the local AWS has not.
_MISSING_HERE = ("annotation", "inventory", "metrics", "renameObject")

_REFUSED_HEADERS = (
    "x-amz-acl",
    "x-amz-grant-",
    "x-amz-object-lock-",
    "x-amz-tagging",
    "x-amz-website-redirect-location",
    "x-amz-server-side-encryption-customer-",
)


class _Request(NamedTuple):
    method: str
    bucket: str
    key: str
    headers: Headers
    body: bytes
    query: Query


def install() -> None:
    patching.function(s3, "_region_code", "region")
    patching.function(s3, "_create_bucket", "name", "body", "headers", "endpoint_region")
    patching.function(s3, "_validate_bucket_tags", "tags", "resource")
    patching.function(s3, "_parse_tags_xml", "body")
    patching.function(s3, "_bucket_owner_account", "name")
    patching.function(s3, "_no_such_bucket", "name")
    patching.function(s3, "_xml_body", "root")
    patching.function(s3, "_qp", "params", "key", "default")
    patching.function(s3, "fromstring", "text")
    for text in ("S3_NS", "_MALFORMED_XML"):
        patching.of(s3, text, str)
    patching.of(s3, "XML_DECL", bytes)
    for state in ("_buckets", "_multipart_uploads"):
        patching.of(s3, state)
    for module in (router, app):

        @patching.wrap(module, "detect_service", "method", "path", "headers", "query_params")
        def detect_service(
            original: Callable[..., str], method: str, path: str, headers: Headers, query_params: Query
        ) -> str:
            # Calls for directory buckets are signed for a service of their own.
            if _is_signed_for_directories(headers):
                return "s3"
            return original(method, path, headers, query_params)

    @patching.wrap(s3, "_dispatch", "method", "bucket", "key", "headers", "body", "query_params")
    def dispatch(
        original: Handler, method: str, bucket: str, key: str, headers: Headers, body: bytes, query_params: Query
    ) -> Answer:
        request = _Request(method, bucket, key, headers, body, query_params)
        if directory_names.is_directory(bucket):
            return _directory(original, request)
        if not bucket and method == "GET" and _is_signed_for_directories(headers):
            return _list(query_params)
        return _general(request) or original(*request)

    @patching.wrap(s3, "_list_buckets", "query_params", "signed_region")
    def list_buckets(original: Handler, query_params: Query | None = None, signed_region: str | None = None) -> Answer:
        status, headers, body = original(query_params, signed_region)
        return status, headers, _without_directories(body) if status == 200 else body

    @patching.wrap(s3, "format_head_response", "path", "headers", "response")
    def format_head_response(original: Handler, path: str, headers: Headers, response: Answer) -> Answer:
        status, answered, body = original(path, headers, response)
        bucket = path.strip("/")
        if status == 200 and directory_names.is_directory(bucket):
            answered["x-amz-bucket-arn"] = directory_names.arn(bucket)
        return status, answered, body

    directory_actions.install(_is_signed_for_directories)
    directory_sessions.install()
    directory_tags.install()


def _is_signed_for_directories(headers: Headers) -> bool:
    return _SCOPE.search(headers.get("authorization", "")) is not None


def _general(request: _Request) -> Answer | None:
    """What is refused to a general purpose bucket because it is none of a directory's, or None."""
    method, bucket, key, _, body, query = request
    if key or not bucket:
        return None
    if method == "GET" and "session" in query:
        return _not_allowed(bucket) if bucket in s3._buckets else _no_such_bucket(bucket)
    if method == "PUT" and not _PARTS & query.keys() and _configuration(body).find(".//{*}Bucket") is not None:
        return _invalid_name(bucket)
    return None


def _directory(original: Handler, request: _Request) -> Answer:
    method, bucket, key, headers, body, query = request
    part = min(_PARTS & query.keys(), default="")
    if part not in (_OF_OBJECT if key else _OF_BUCKET).get(method, ()):
        if part in _MISSING_HERE:
            return _error("NotImplemented", f"The local AWS has no {part} of directory buckets.", 501, f"/{bucket}")
        return _not_allowed(bucket)
    if method == "PUT" and not key and not part:
        return _create(bucket, body)
    if part == "session":
        return _session(bucket, headers)
    if directory_names.record(bucket) is None:
        return _no_such_bucket(bucket)
    refused = _object_refusal(request) if key else _bucket_refusal(request, part)
    if refused:
        return refused
    if key and method in ("PUT", "POST"):
        headers = {**headers, "x-amz-storage-class": STORAGE_CLASS}
    status, answered, data = original(method, bucket, key, headers, body, query)
    if method == "HEAD" and not key and status == 200:
        zone = directory_names.zone_of(bucket) or ""
        answered["x-amz-bucket-location-name"] = zone
        answered["x-amz-bucket-location-type"] = _kind(zone)
    return status, answered, data


def _bucket_refusal(request: _Request, part: str) -> Answer | None:
    method, bucket, _, _, body, query = request
    if part == "list-type":
        prefix, delimiter = s3._qp(query, "prefix"), s3._qp(query, "delimiter")
        if (prefix and not prefix.endswith("/")) or delimiter not in ("", "/") or "start-after" in query:
            message = "Directory buckets are listed from the start, by prefixes that end in / and no other delimiter."
            return _error("InvalidRequest", message, 400, f"/{bucket}")
    if method == "PUT" and part == "policy":
        fault = policies.fault(body.decode("utf-8", "replace"), "s3express", [directory_names.arn(bucket)])
        return _error("MalformedPolicy", f"The policy is malformed: {fault}", 400, f"/{bucket}") if fault else None
    if method == "DELETE" and not part and any(upload["bucket"] == bucket for upload in s3._multipart_uploads.values()):
        message = "The bucket you tried to delete is not empty: it has multipart uploads in progress."
        return _error("BucketNotEmpty", message, 409, f"/{bucket}")
    return None


def _object_refusal(request: _Request) -> Answer | None:
    _, bucket, key, headers, _, query = request
    if any(name.startswith(_REFUSED_HEADERS) for name in headers):
        message = "A header you provided implies functionality that is not implemented"
        return _error("NotImplemented", message, 501, f"/{bucket}/{key}")
    if headers.get("x-amz-storage-class", STORAGE_CLASS) != STORAGE_CLASS:
        message = "The storage class you specified is not valid"
        return _error("InvalidStorageClass", message, 400, f"/{bucket}/{key}")
    if s3._qp(query, "versionId", "null") != "null":
        return _error("InvalidArgument", "Invalid version id specified", 400, f"/{bucket}/{key}")
    return None


def _create(bucket: str, body: bytes) -> Answer:
    configuration = _configuration(body)
    zone = directory_names.zone_of(bucket)
    if zone is None or configuration.findtext(".//{*}Bucket/{*}Type") != "Directory":
        return _invalid_name(bucket)
    kind = _kind(zone)
    expected = {"Location/{*}Type": kind, "Location/{*}Name": zone, "Bucket/{*}DataRedundancy": f"Single{kind}"}
    for path, value in expected.items():
        found = configuration.findtext(f".//{{*}}{path}")
        if found != value and path.endswith("}Name"):
            return _invalid_name(bucket)
        if found != value:
            message = f"{path.replace('{*}', '').replace('/', '.')} is {found} and has to be {value}."
            return _error("InvalidRequest", message, 400, f"/{bucket}")
    if not directory_names.in_region(zone):
        return _error("InvalidRequest", f"The zone {zone} is not in this region.", 400, f"/{bucket}")
    owner = s3._bucket_owner_account(bucket)
    if owner is not None:
        code = "BucketAlreadyOwnedByYou" if owner == get_account_id() else "BucketAlreadyExists"
        return _error(code, "The requested bucket name is not available.", 409, f"/{bucket}")
    if len(_names()) >= BUCKETS_PER_REGION:
        message = "You have attempted to create more buckets than allowed"
        return _error("TooManyBuckets", message, 400, f"/{bucket}")
    tags = s3._parse_tags_xml(body)
    refused: Answer | None = s3._validate_bucket_tags(tags, f"/{bucket}")
    if refused:
        return refused
    answer: Answer = s3._create_bucket(bucket, b"")
    if answer[0] == 200:
        s3._buckets[bucket]["_directory_tags"] = tags
    return answer


def _session(bucket: str, headers: Headers) -> Answer:
    if directory_names.record(bucket) is None:
        # An SDK that was given an endpoint begins a session before every call, also CreateBucket and
        # HeadBucket, and then names no mode. It gets one, and its real call says what is missing.
        zone = directory_names.zone_of(bucket)
        if "x-amz-create-session-mode" in headers or zone is None or s3._bucket_owner_account(bucket):
            return _no_such_bucket(bucket)
    return directory_sessions.create(bucket, headers)


def _kind(zone: str) -> str:
    return "AvailabilityZone" if zone.count("-") == 1 else "LocalZone"


def _configuration(body: bytes) -> Element:
    try:
        configuration: Element = s3.fromstring(body)
    except Exception:
        # No XML, or XML that is refused; most requests have none.
        return Element("CreateBucketConfiguration")
    return configuration


def _names() -> list[str]:
    return sorted(name for name in s3._buckets if directory_names.record(name))


def _list(query: Query) -> Answer:
    most: str = s3._qp(query, "max-directory-buckets", "1000")
    if not most.isdigit() or int(most) > 1000:
        return _error("InvalidArgument", "Argument max-directory-buckets must be from 0 to 1000", 400)
    names = [name for name in _names() if name > s3._qp(query, "continuation-token")]
    page = names[: int(most)]
    root = Element("ListAllMyDirectoryBucketsResult", xmlns=s3.S3_NS)
    buckets = SubElement(root, "Buckets")
    for name in page:
        bucket = SubElement(buckets, "Bucket")
        SubElement(bucket, "Name").text = name
        SubElement(bucket, "CreationDate").text = s3._buckets[name]["created"]
        SubElement(bucket, "BucketRegion").text = s3._buckets[name]["region"]
        SubElement(bucket, "BucketArn").text = directory_names.arn(name)
    if page and len(page) < len(names):
        SubElement(root, "ContinuationToken").text = page[-1]
    return 200, {"Content-Type": "application/xml"}, s3._xml_body(root)


def _without_directories(body: bytes) -> bytes:
    if directory_names.SUFFIX.encode() not in body:
        return body
    ElementTree.register_namespace("", s3.S3_NS)
    root = s3.fromstring(body)
    buckets = root.find("{*}Buckets")
    for bucket in list(buckets):
        if directory_names.is_directory(bucket.findtext("{*}Name")):
            buckets.remove(bucket)
    declaration: bytes = s3.XML_DECL
    return declaration + ElementTree.tostring(root)


def _invalid_name(bucket: str) -> Answer:
    return _error("InvalidBucketName", "The specified bucket is not valid.", 400, f"/{bucket}")


def _not_allowed(bucket: str) -> Answer:
    message = "The specified method is not allowed against this resource."
    return _error("MethodNotAllowed", message, 405, f"/{bucket}")


def _no_such_bucket(bucket: str) -> Answer:
    answer: Answer = s3._no_such_bucket(bucket)
    return answer


def _error(code: str, message: str, status: int, resource: str = "") -> Answer:
    answer: Answer = s3._error(code, message, status, resource)
    return answer
