"""Which requests get in at all: those of this machine's programs.

The local AWS listens on a loopback address, but a web page open in a browser on this machine can reach
that too: by a name that resolves to it (DNS rebinding: the Host header gives it away), by a script
(the Origin header), or by an image or a link (Sec-Fetch-Site). None of them is let in.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def refusal(headers: Mapping[str, str]) -> str | None:
    """Why a request with these headers, named in lowercase letters, is not let in; None where it is."""
    host = headers.get("host", "")
    if host and not _loopback(f"//{host}"):
        return f"The local AWS answers requests to this machine only, not to {host}.\n"
    origin = headers.get("origin")
    if origin is not None and not _loopback(origin):
        return f"The local AWS does not answer the web page {origin}.\n"
    if origin is None and headers.get("sec-fetch-site") == "cross-site":
        return "The local AWS does not answer requests from web pages.\n"
    return None


def _loopback(address: str) -> bool:
    try:
        name = urlsplit(address).hostname or ""
    except ValueError:
        return False
    # *.localhost never leaves the machine: buckets by virtual host, API Gateway.
    return name in _LOOPBACK or name.endswith(".localhost")
