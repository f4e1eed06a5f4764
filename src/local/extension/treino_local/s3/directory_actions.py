"""By which action, on which ARN, a call on a directory bucket is authorized: `s3express:...`, and mostly CreateSession.

Asked only where IAM is enforced; of a session, it is asked of whoever began it.
"""

from collections.abc import Callable
from typing import Any

from ministack.core import iam_actions

from treino_local import patching
from treino_local.s3 import directory_names
from treino_local.types import Headers, Query

# By method and part of the bucket; all others need what a session needs.
_OF_BUCKET = {
    ("PUT", ""): "CreateBucket",
    ("DELETE", ""): "DeleteBucket",
    ("GET", "policy"): "GetBucketPolicy",
    ("PUT", "policy"): "PutBucketPolicy",
    ("DELETE", "policy"): "DeleteBucketPolicy",
    ("GET", "encryption"): "GetEncryptionConfiguration",
    ("PUT", "encryption"): "PutEncryptionConfiguration",
    ("DELETE", "encryption"): "PutEncryptionConfiguration",
    ("GET", "lifecycle"): "GetLifecycleConfiguration",
    ("PUT", "lifecycle"): "PutLifecycleConfiguration",
    ("DELETE", "lifecycle"): "PutLifecycleConfiguration",
}


def install(signed_for_directories: Callable[[Headers], bool]) -> None:
    """The argument tells by its headers whether a request is one of directory buckets' own."""

    @patching.wrap(iam_actions, "extract_iam_action", "service", "method", "path", "headers", "body", "query_params")
    def extract_iam_action(
        original: Callable[..., str],
        service: str,
        method: str,
        path: str,
        headers: Headers,
        body: bytes,
        query_params: Query,
    ) -> str:
        bucket, key = _place(service, path)
        if directory_names.is_directory(bucket):
            part = next((part for _, part in _OF_BUCKET if part and part in query_params), "")
            others = set(query_params) - {"x-id", part}
            name = None if key or others else _OF_BUCKET.get((method, part))
            return f"s3express:{name or 'CreateSession'}"
        if service == "s3" and not bucket and method == "GET" and signed_for_directories(headers):
            return "s3express:ListAllMyDirectoryBuckets"
        return original(service, method, path, headers, body, query_params)

    @patching.wrap(iam_actions, "extract_resource_arn", "service", "method", "path")
    def extract_resource_arn(
        original: Callable[..., str], service: str, method: str, path: str, *rest: Any, **options: Any
    ) -> str:
        bucket, _ = _place(service, path)
        if directory_names.is_directory(bucket):
            return directory_names.arn(bucket)
        return original(service, method, path, *rest, **options)

    @patching.wrap(iam_actions, "s3_additional_checks", "method", "path", "headers", "body")
    def s3_additional_checks(
        original: Callable[..., list[Any]], method: str, path: str, *rest: Any, **options: Any
    ) -> list[Any]:
        bucket, _ = _place("s3", path)
        return [] if directory_names.is_directory(bucket) else original(method, path, *rest, **options)


def _place(service: str, path: str) -> tuple[str, str]:
    bucket, _, key = path.lstrip("/").partition("/") if service == "s3" else ("", "", "")
    return bucket, key
