"""Bodies in the frames of aws-chunked, cut anywhere."""

import hashlib
import hmac

import pytest
from treino_local.iam.payload import Altered, Chunks, Incomplete, Signer

KEY, DATE, SCOPE, SEED = b"k" * 32, "20260101T000000Z", "20260101/us-east-1/s3/aws4_request", "0" * 64


def signed(*parts: bytes) -> bytes:
    last, frames = SEED, b""
    for part in (*parts, b""):
        text = "\n".join(
            [
                "AWS4-HMAC-SHA256-PAYLOAD",
                DATE,
                SCOPE,
                last,
                hashlib.sha256(b"").hexdigest(),
                hashlib.sha256(part).hexdigest(),
            ]
        )
        last = hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()
        frames += f"{len(part):x};chunk-signature={last}\r\n".encode() + part + (b"\r\n" if part else b"")
    return frames + b"\r\n"


def decoded(sent: bytes, size: int) -> tuple[bytes, Chunks]:
    chunks = Chunks(Signer(KEY, DATE, SCOPE, SEED), trailer_signed=False)
    return b"".join(chunks.feed(sent[at : at + size]) for at in range(0, len(sent), size)), chunks


@pytest.mark.parametrize("size", [1, 7, 100, 100_000])
def test_signed_chunks(size: int) -> None:
    data, chunks = decoded(signed(b"hello ", b"world" * 100), size)
    assert data == b"hello " + b"world" * 100
    assert chunks.done


def test_a_changed_chunk_is_seen() -> None:
    sent = signed(b"hello ", b"world")
    with pytest.raises(Altered):
        decoded(sent.replace(b"world", b"WORLD"), 10)


def test_trailers_of_unsigned_chunks() -> None:
    chunks = Chunks(None, trailer_signed=False)
    assert chunks.feed(b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n") == b"abc"
    assert (chunks.done, chunks.trailers) == (True, {"x-amz-checksum-crc32": "AAAA"})


@pytest.mark.parametrize("sent", [b"zz\r\n", b"3\r\nabcd\r\n", b"0\r\nno colon\r\n\r\n"])
def test_frames_that_are_not_what_they_say(sent: bytes) -> None:
    with pytest.raises(Incomplete):
        Chunks(None, trailer_signed=False).feed(sent)
