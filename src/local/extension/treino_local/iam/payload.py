"""The body of a request: read, measured against what was signed, and kept on disk where it is large."""

from __future__ import annotations

import hashlib
import hmac
import mmap
import re
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

# Larger ones go to a file.
IN_MEMORY = 4 * 1024 * 1024

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})((?:;[^\r\n]*)?)")
_SIGNATURE = re.compile(rb";chunk-signature=([0-9a-f]{64})")
_EMPTY = hashlib.sha256(b"").hexdigest()

Receive = Callable[[], Awaitable[dict[str, Any]]]


class Disconnected(Exception):
    """Whoever asked is gone."""


class Incomplete(Exception):
    """The frames of a body are not what they say."""


class Altered(Exception):
    """A chunk is not the one that was signed."""


@dataclass
class Signer:
    """What the signatures of a body's chunks are made with: each goes into the next one."""

    key: bytes
    date: str
    scope: str
    last: str

    def follows(self, digest: str, given: str, kind: str = "PAYLOAD") -> bool:
        middle = [_EMPTY] if kind == "PAYLOAD" else []
        text = "\n".join([f"AWS4-HMAC-SHA256-{kind}", self.date, self.scope, self.last, *middle, digest])
        self.last = hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(self.last, given)


@dataclass
class Chunks:
    """Takes a body out of the frames of aws-chunked."""

    signer: Signer | None
    trailer_signed: bool
    trailers: dict[str, str] = field(default_factory=dict)
    done: bool = False
    _buffer: bytearray = field(default_factory=bytearray)
    _left: int | None = None
    _given: str = ""
    _hash: Any = None
    _in_trailers: bool = False
    _trailer_text: str = ""

    def feed(self, data: bytes) -> bytes:
        self._buffer += data
        parts: list[bytes] = []
        while not self.done and self._step(parts):
            pass
        return b"".join(parts)

    def _step(self, parts: list[bytes]) -> bool:
        if self._left is not None and self._left > 0:
            part = bytes(self._buffer[: self._left])
            del self._buffer[: len(part)]
            self._left -= len(part)
            self._hash.update(part)
            parts.append(part)
            return bool(part)
        if self._left == 0:
            return self._end_of_chunk()
        end = self._buffer.find(b"\r\n")
        if end < 0:
            if len(self._buffer) > 16384:
                raise Incomplete("a frame has no end")
            return False
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return self._trailer(line) if self._in_trailers else self._head(line)

    def _head(self, line: bytes) -> bool:
        found = _SIZE.fullmatch(line)
        if not found:
            raise Incomplete("a frame's size is malformed")
        signature = _SIGNATURE.fullmatch(found[2])
        self._given = signature[1].decode() if signature else ""
        self._hash = hashlib.sha256()
        size = int(found[1], 16)
        if size:
            self._left = size
            return True
        self._check()
        self._in_trailers = True
        return True

    def _end_of_chunk(self) -> bool:
        if len(self._buffer) < 2:
            return False
        if self._buffer[:2] != b"\r\n":
            raise Incomplete("a frame is longer than it says")
        del self._buffer[:2]
        self._left = None
        self._check()
        return True

    def _check(self) -> None:
        if self.signer and not self.signer.follows(self._hash.hexdigest(), self._given):
            raise Altered("a chunk")

    def _trailer(self, line: bytes) -> bool:
        if not line:
            self._end()
            return True
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if not colon or not name.strip():
            raise Incomplete("a trailer is malformed")
        self.trailers[name.strip().lower()] = value.strip()
        if name.strip().lower() != "x-amz-trailer-signature":
            self._trailer_text += f"{name.strip().lower()}:{value.strip()}\n"
        return True

    def _end(self) -> None:
        given = self.trailers.pop("x-amz-trailer-signature", "")
        digest = hashlib.sha256(self._trailer_text.encode()).hexdigest()
        if self.signer and self.trailer_signed and not self.signer.follows(digest, given, "TRAILER"):
            raise Altered("the trailer")
        self.done = True


class Mapped(mmap.mmap):
    """A body on disk, seen as bytes without being read."""

    PIECE = 256 * 1024

    def pieces(self) -> Iterator[bytes]:
        """All of it, a piece at a time, none of which stays in memory."""
        for at in range(0, len(self), self.PIECE):
            yield self[at : at + self.PIECE]
            if hasattr(mmap, "MADV_DONTNEED"):
                self.madvise(mmap.MADV_DONTNEED, at, min(self.PIECE, len(self) - at))

    def startswith(self, prefix: bytes) -> bool:
        return self[: len(prefix)] == prefix

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self[:].decode(encoding, errors)


def mapped(descriptor: int) -> Mapped:
    return Mapped(descriptor, 0, access=mmap.ACCESS_READ)


@dataclass
class Payload:
    """A body as it is to be given on."""

    data: bytes
    digest: str
    length: int
    file: Any = None
    chunks: Chunks | None = None
    # Why it is none, in the service's own eyes.
    incomplete: bool = False

    def body(self) -> bytes | Mapped:
        if self.file is None:
            return self.data
        self.file.flush()
        return mapped(self.file.fileno())

    def replay(self, receive: Receive) -> Receive:
        """What gives the body again, as one message, and then what comes after it."""
        messages = [{"type": "http.request", "body": self.data, "more_body": False}]

        async def again() -> dict[str, Any]:
            return messages.pop() if messages else await receive()

        again.payload = self  # type: ignore[attr-defined]
        return again


async def read(receive: Receive, chunks: Chunks | None, spools: bool) -> Payload:
    """Reads a body to its end. It is hashed as it came; what is kept is without the frames of aws-chunked."""
    whole, file, kept = hashlib.sha256(), None, 0
    parts: list[bytes] = []
    incomplete = False
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        data = message.get("body", b"")
        more = message.get("more_body", False)
        whole.update(data)
        try:
            data = chunks.feed(data) if chunks and not incomplete else data
        except Incomplete:
            incomplete = True
        if not data:
            continue
        kept += len(data)
        if file is None and spools and kept > IN_MEMORY:
            file = tempfile.TemporaryFile(prefix="body-")  # noqa: SIM115 - it lives as long as the payload
            for part in parts:
                file.write(part)
            parts = []
        if file is None:
            parts.append(data)
        else:
            file.write(data)
    if chunks and not chunks.done:
        incomplete = True
    return Payload(b"".join(parts), whole.hexdigest(), kept, file, chunks, incomplete)


class Reading:
    """What gives a body's messages, and knows whether it has given all."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.over = False
        # The first of it, by which the service of a refused request is found.
        self.beginning = b""

    async def __call__(self) -> dict[str, Any]:
        message = await self._receive()
        self.over = message["type"] != "http.request" or not message.get("more_body", False)
        if len(self.beginning) < 65536:
            self.beginning += message.get("body", b"")[:65536]
        return message

    async def drain(self, most: int = 16 * 1024 * 1024) -> None:
        """Lets who sends come to the end, so that the refusal is read."""
        while not self.over and most > 0:
            most -= len((await self()).get("body", b""))
