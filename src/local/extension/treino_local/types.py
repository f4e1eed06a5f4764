"""The types of what MiniStack's handlers, and an ASGI server, pass around."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

# A JSON object, as it came in a request or goes out in an answer.
Fields: TypeAlias = dict[str, Any]

# Of a request to a service of MiniStack; the names of headers are in lowercase letters.
Headers: TypeAlias = dict[str, str]
Query: TypeAlias = dict[str, list[str]]

# The status, the headers and the body.
Answer: TypeAlias = tuple[int, dict[str, str], bytes]
Handler: TypeAlias = Callable[..., Answer]
AsyncHandler: TypeAlias = Callable[..., Awaitable[Answer]]

Scope: TypeAlias = dict[str, Any]
Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
