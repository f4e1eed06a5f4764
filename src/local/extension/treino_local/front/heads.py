"""Requests as they come over a connection: heads that are read, bodies that are only measured.

What is read here is read again by the server behind, so whatever two readers could take differently is
refused: a request must not hide in another one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD_LIMIT = 64 * 1024

_REQUEST_LINE = re.compile(rb"([A-Z]+) ([^ \x00-\x20]+) HTTP/1\.[01]")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})(?:[ \t]*;[^\r\n]*)?")
# The server behind would speak HTTP/2 from here on, whose requests nobody looks at.
_UPGRADES_TO_HTTP_2 = re.compile(r"(^|[ ,])h2c($|[ ,])", re.IGNORECASE)


class Malformed(Exception):
    """No request that has one meaning."""


@dataclass
class Head:
    method: str
    target: str
    headers: dict[str, str]
    lines: list[bytes]
    # The length of the body, or None where it comes in chunks.
    length: int | None
    # What follows is no HTTP, if the server agrees.
    upgrades: bool

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def to_bytes(self, extra: bytes = b"") -> bytes:
        """The head as it came, without an upgrade to HTTP/2."""
        return b"\r\n".join([self.lines[0], *([extra] if extra else []), *self.lines[1:]]) + b"\r\n\r\n"


def parse(data: bytes) -> Head:
    """The head in these bytes, which do not hold the empty line after it."""
    first, *lines = data.split(b"\r\n")
    request = _REQUEST_LINE.fullmatch(first)
    if not request or b"\n" in data.replace(b"\r\n", b"") or b"\0" in data:
        raise Malformed("This is no HTTP/1.1 request.")
    headers: dict[str, str] = {}
    kept = [first]
    lengths: list[str] = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(name):
            raise Malformed("A header is malformed.")
        key, text = name.decode("ascii").lower(), value.strip(b" \t").decode("latin-1")
        if key == "content-length":
            lengths.append(text)
        if key == "host" and key in headers:
            raise Malformed("There are two Host headers.")
        if key == "http2-settings" or (key == "upgrade" and _UPGRADES_TO_HTTP_2.search(text)):
            continue
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
        kept.append(line)
    return Head(
        request[1].decode("ascii"),
        request[2].decode("latin-1"),
        headers,
        kept,
        _length(headers, lengths),
        "upgrade" in headers,
    )


def _length(headers: dict[str, str], lengths: list[str]) -> int | None:
    coding = headers.get("transfer-encoding")
    if coding is not None:
        if coding.lower() != "chunked" or lengths:
            raise Malformed("The body's length is not clear.")
        return None
    if not lengths:
        return 0
    if len(lengths) > 1 or not lengths[0].isascii() or not lengths[0].isdigit() or len(lengths[0]) > 15:
        raise Malformed("The body's length is not clear.")
    return int(lengths[0])


class Body:
    """Measures a body; takes from a buffer what belongs to it."""

    def __init__(self, length: int | None) -> None:
        self._left = length or 0
        self._chunked = length is None
        self._state = "size"

    @property
    def done(self) -> bool:
        return self._state == "end" or (not self._chunked and self._left == 0)

    def take(self, buffer: bytearray) -> bytes:
        """The bytes at the buffer's beginning that are the body's, which are removed."""
        if not self._chunked:
            taken = bytes(buffer[: self._left])
            self._left -= len(taken)
            del buffer[: len(taken)]
            return taken
        parts = []
        steps = {"size": self._line, "trailers": self._line, "data": self._data, "end of data": self._data_end}
        while buffer and not self.done:
            part = steps[self._state](buffer)
            if not part:
                break
            parts.append(part)
        return b"".join(parts)

    def _data(self, buffer: bytearray) -> bytes:
        taken = bytes(buffer[: self._left])
        self._left -= len(taken)
        del buffer[: len(taken)]
        if self._left == 0:
            self._state = "end of data"
        return taken

    def _data_end(self, buffer: bytearray) -> bytes:
        if len(buffer) < 2:
            return b""
        if buffer[:2] != b"\r\n":
            raise Malformed("A chunk is longer than it says.")
        del buffer[:2]
        self._state = "size"
        return b"\r\n"

    def _line(self, buffer: bytearray) -> bytes:
        end = buffer.find(b"\r\n")
        if end < 0:
            if len(buffer) > HEAD_LIMIT:
                raise Malformed("A chunk's head has no end.")
            return b""
        line = bytes(buffer[: end + 2])
        del buffer[: end + 2]
        text = line[:-2]
        if b"\n" in text:
            raise Malformed("A chunk's head is malformed.")
        if self._state == "trailers":
            self._state = "trailers" if text else "end"
            return line
        size = _SIZE.fullmatch(text)
        if not size:
            raise Malformed("A chunk's size is malformed.")
        self._left = int(size[1], 16)
        self._state = "data" if self._left else "trailers"
        return line
