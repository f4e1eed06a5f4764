"""The picture a request to Rekognition is about: read as Rekognition reads it, refused as it refuses."""

import base64
import binascii

from ministack import app
from ministack.core import iam_evaluator, router
from ministack.core.responses import get_region
from ministack.services import s3

from treino_local import patching
from treino_local.types import Fields, Headers, Query

S3_LIMIT = 15 * 1024 * 1024
BYTES_LIMIT = 5 * 1024 * 1024

# How the two formats Rekognition takes begin.
_FORMATS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")

patching.function(iam_evaluator, "enforce", "access_key_id", "iam_action", "service", "region", "resource_arn")
patching.function(s3, "handle_request", "method", "path", "headers", "body", "query_params")


class Refusal(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


async def given(image: Fields, headers: Headers, query_params: Query) -> bytes:
    """The bytes of the picture, which comes with the request or is an object of S3."""
    stored = image.get("S3Object")
    if (stored is None) == (image.get("Bytes") is None):
        raise Refusal("InvalidParameterException", "Request has invalid parameters: either Bytes or S3Object.")
    if stored is None:
        data = _decoded(image["Bytes"])
        limit = BYTES_LIMIT
    else:
        data = await _object(stored, headers, query_params)
        limit = S3_LIMIT
    if len(data) > limit:
        raise Refusal("ImageTooLargeException", f"Image size is {len(data)} bytes, the limit is {limit}.")
    if not data.startswith(_FORMATS):
        raise Refusal("InvalidImageFormatException", "Request has invalid image format")
    return data


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise Refusal("SerializationException", "Bytes is not valid base64.") from None


async def _object(stored: Fields, headers: Headers, query_params: Query) -> bytes:
    bucket, key = stored.get("Bucket"), stored.get("Name")
    if not bucket or not key:
        raise Refusal("InvalidParameterException", "Request has invalid parameters: S3Object has no Bucket or Name.")
    # Also what a missing permission answers: Rekognition reads with its caller's rights.
    unreadable = Refusal(
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
    )
    if app.AUTH and iam_evaluator.enforce(
        router.extract_access_key_id(headers, query_params),
        "s3:GetObject",
        "rekognition",
        get_region(),
        resource_arn=f"arn:aws:s3:::{bucket}/{key}",
    ):
        raise unreadable
    version = {"versionId": [stored["Version"]]} if stored.get("Version") else {}
    data: bytes
    status, _, data = await s3.handle_request("GET", f"/{bucket}/{key}", {}, b"", version, internal=True)
    # The picture's bucket has to be in the region that is asked.
    if status != 200 or s3.bucket_region(bucket) != get_region():
        raise unreadable
    return data
