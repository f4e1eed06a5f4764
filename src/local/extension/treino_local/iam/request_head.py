"""A request's head, as its signature is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, quote

from ministack import app
from ministack.core import router, sigv4


@dataclass
class Asked:
    """A request's head, as it came."""

    method: str
    raw_path: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> Asked:
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1").lower(), sigv4.decode_header_value(value)
            headers[key] = f"{headers[key]},{text}" if key in headers else text
        query = parse_qs(scope.get("query_string", b"").decode("utf-8", "replace"), keep_blank_values=True)
        raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
        return cls(scope.get("method", "GET"), raw_path.decode("latin-1"), scope["path"], query, headers)

    def given(self, name: str) -> str:
        """A query parameter, in either spelling."""
        return (self.query.get(name) or self.query.get(name.lower()) or [""])[0]

    @property
    def service(self) -> str:
        if "/s3express/" in self.headers.get("authorization", "") + self.given("X-Amz-Credential"):
            return "s3"
        return str(router.detect_service(self.method, self.path, self.headers, self.query))

    def of_body(self, beginning: bytes) -> str:
        """The service of a request that may name it in its body alone."""
        found = app._routing_params(self.method, self.path, self.headers, beginning, self.query)
        service = replace(self, query=found).service
        return "s3" if service == "unknown_query" else service

    @property
    def token(self) -> str:
        # A directory bucket's session has its own header.
        for name in ("x-amz-security-token", "x-amz-s3session-token"):
            if self.headers.get(name):
                return self.headers[name]
        return self.given("X-Amz-Security-Token") or self.given("X-Amz-S3session-Token")
