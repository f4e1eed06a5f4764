"""Which pictures are taken, and how others are refused."""

import asyncio
import base64
from typing import Any

import pytest
from treino_local.rekognition import images

_JPEG = b"\xff\xd8\xff" + b"0" * 10


def _given(image: dict[str, Any]) -> bytes:
    return asyncio.run(images.given(image, {}, {}))


def test_bytes_are_base64() -> None:
    assert _given({"Bytes": base64.b64encode(_JPEG).decode()}) == _JPEG


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ({}, "InvalidParameterException"),
        ({"Bytes": "AA==", "S3Object": {}}, "InvalidParameterException"),
        ({"S3Object": {"Bucket": "b"}}, "InvalidParameterException"),
        ({"S3Object": {"Bucket": "missing-bucket", "Name": "k"}}, "InvalidS3ObjectException"),
        ({"Bytes": "?"}, "SerializationException"),
        ({"Bytes": base64.b64encode(b"GIF89a").decode()}, "InvalidImageFormatException"),
        ({"Bytes": base64.b64encode(_JPEG + bytes(images.BYTES_LIMIT)).decode()}, "ImageTooLargeException"),
    ],
)
def test_what_is_refused(image: dict[str, Any], code: str) -> None:
    with pytest.raises(images.Refusal) as refusal:
        _given(image)
    assert refusal.value.code == code
