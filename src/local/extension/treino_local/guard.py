"""What stands before MiniStack: only this machine's programs get in, and /_treino/health says who is here.

It listens on a loopback address, but a web page open in a browser on this machine can reach that
too: by a name that resolves to it (DNS rebinding: the Host header gives it away), by a script
(the Origin header), or by an image or a link (Sec-Fetch-Site). None of them is let in.
"""

import json
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def guarded(application, health):
    """The ASGI application, answering these requests itself and passing on the others."""

    async def front(scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            return await application(scope, receive, send)
        headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
        refusal = _refusal(headers)
        if refusal and scope["type"] == "websocket":
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        if refusal:
            return await _answer(send, 403, "text/plain; charset=utf-8", refusal.encode())
        if scope["path"] == "/_treino/health":
            return await _answer(send, 200, "application/json", json.dumps(health()).encode())
        return await application(scope, receive, send)

    return front


def _refusal(headers):
    host = headers.get(b"host", headers.get(b":authority", ""))
    if host and not _loopback(f"//{host}"):
        return f"The local AWS answers requests to this machine only, not to {host}.\n"
    origin = headers.get(b"origin")
    if origin is not None and not _loopback(origin):
        return f"The local AWS does not answer the web page {origin}.\n"
    if origin is None and headers.get(b"sec-fetch-site") == "cross-site":
        return "The local AWS does not answer requests from web pages.\n"
    return None


def _loopback(address):
    try:
        name = urlsplit(address).hostname or ""
    except ValueError:
        return False
    # *.localhost never leaves the machine: buckets by virtual host, API Gateway.
    return name in _LOOPBACK or name.endswith(".localhost")


async def _answer(send, status, kind, body):
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
