"""The connections: each of a client's has one to the backend, over which bytes go as they come.

Only the heads of requests are read. What the backend answers is passed on unread, so that an answer in
parts, a dropped connection or the end of one is seen as the backend made it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from treino_local import guard
from treino_local.front import heads

# A connection over which no request comes is closed.
IDLE_SECONDS = 75

Connect = Callable[[asyncio.Protocol], Awaitable[asyncio.Transport]]
Health = Callable[[], Awaitable[dict[str, object]]]


class Client(asyncio.Protocol):
    """A client's connection."""

    def __init__(self, connect: Connect, health: Health, extra: bytes = b"") -> None:
        self._connect, self._health, self._extra = connect, health, extra
        self._buffer = bytearray()
        self._body: heads.Body | None = None
        self._tunnel = False
        self._transport: asyncio.Transport | None = None
        self._backend: asyncio.Transport | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        if self._tunnel and self._backend and not self._buffer:
            self._backend.write(data)
            return
        self._buffer += data
        self._go_on()

    def eof_received(self) -> bool:
        # Whoever has said all may still want the answer.
        if self._waiting:
            self._ended = True
            return True
        if self._backend and self._backend.can_write_eof() and not self._backend.is_closing():
            self._backend.write_eof()
            return True
        return False

    def connection_lost(self, error: Exception | None) -> None:
        if self._idle:
            self._idle.cancel()
        if self._waiting:
            self._waiting.cancel()
        if self._backend:
            self._backend.close()

    def pause_writing(self) -> None:
        if self._backend:
            self._backend.pause_reading()

    def resume_writing(self) -> None:
        if self._backend:
            self._backend.resume_reading()

    def _go_on(self) -> None:
        try:
            while self._buffer and not self._waiting and self._step():
                pass
        except heads.Malformed as error:
            self._answer(400, "text/plain; charset=utf-8", f"{error}\n".encode())

    def _step(self) -> bool:
        """Deals with what is at the buffer's beginning; whether there may be more to do."""
        if self._tunnel and self._backend:
            self._backend.write(bytes(self._buffer))
            self._buffer.clear()
            return False
        if self._body and self._backend:
            taken = self._body.take(self._buffer)
            self._backend.write(taken)
            if self._body.done:
                self._body = None
            return bool(taken)
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > heads.HEAD_LIMIT or self._buffer.startswith(b"PRI * HTTP/2"):
                raise heads.Malformed("The request's head has no end.")
            return False
        head = heads.parse(bytes(self._buffer[:end]))
        del self._buffer[: end + 4]
        if self._idle:
            self._idle.cancel()
            self._idle = None
        self._request(head)
        return True

    def _request(self, head: heads.Head) -> None:
        refused = guard.refusal(head.headers)
        if refused:
            self._answer(403, "text/plain; charset=utf-8", refused.encode())
        elif head.path == "/_treino/health":
            self._waiting = asyncio.get_running_loop().create_task(self._tell_health())
        elif self._backend is None:
            self._waiting = asyncio.get_running_loop().create_task(self._begin(head))
        else:
            self._forward(head)

    def _forward(self, head: heads.Head) -> None:
        if self._backend is None or self._backend.is_closing():
            self._close()
            return
        self._backend.write(head.to_bytes(self._extra))
        self._tunnel = head.upgrades
        body = heads.Body(head.length)
        self._body = None if body.done else body

    async def _begin(self, head: heads.Head) -> None:
        assert self._transport
        self._transport.pause_reading()
        self._backend = await self._connect(_Backend(self._transport))
        self._waiting = None
        if self._transport.is_closing():
            self._backend.close()
            return
        # First: what is written now may be too much for the backend, which then stops the reading.
        self._transport.resume_reading()
        self._forward(head)
        self._go_on()
        if self._ended and not self._backend.is_closing():
            self._backend.write_eof()

    async def _tell_health(self) -> None:
        told = await self._health()
        self._waiting = None
        # The connection is not used again, so that a body that came along is not taken for a request.
        self._answer(200, "application/json", json.dumps(told).encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            reason = {200: "OK", 400: "Bad Request", 403: "Forbidden"}[status]
            head = (
                f"HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            self._transport.write(head.encode() + body)
        self._close()

    def _close(self) -> None:
        self._buffer.clear()
        if self._transport:
            self._transport.close()


class _Backend(asyncio.Protocol):
    """The backend's end of a client's connection."""

    def __init__(self, client: asyncio.Transport) -> None:
        self._client = client

    def data_received(self, data: bytes) -> None:
        self._client.write(data)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._client.close()

    def pause_writing(self) -> None:
        if not self._client.is_closing():
            self._client.pause_reading()

    def resume_writing(self) -> None:
        if not self._client.is_closing():
            self._client.resume_reading()
