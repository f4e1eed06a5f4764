"""Failure on purpose, so that it can be shown: `treino local up --chaos latency=50ms,throttle=10%`.

The settings are a file that treino writes and takes away. It is looked at again at every request, so what stands in
the local AWS stays while chaos comes and goes. What befalls a request is drawn from the seed, from what is asked, and
from how often that was asked before; not from the order of requests, which is another in every run.

Only calls of AWS meet it: what is signed. Those of functions do not, as the lesson is about whoever deploys.
"""

import asyncio
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl

from hypercorn.protocol import http_stream
from hypercorn.protocol.events import StreamClosed
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from treino_local import patching
from treino_local.chaos import refusals
from treino_local.types import Application, Fields, Message, Receive, Scope, Send

# To the server: end the connection without an answer, or in its midst.
_DROP: Message = {"type": "treino.drop"}
# Larger bodies are not read for names.
_NAMED = 1024 * 1024
_SCOPE = re.compile(r"Credential=([^/,]+)/[^/,]+/[^/,]+/([^/,]+)/")


def install() -> None:
    for module in (lambda_runtime, lambda_svc):

        @patching.wrap(module, "execution_credentials", "config")
        def execution_credentials(original: Callable[[Fields], dict[str, str]], config: Fields) -> dict[str, str]:
            # As on AWS; an SDK says it in its User-Agent, and its calls are known by that.
            return {**original(config), "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', 'image')}"}

    patching.function(http_stream.HTTPStream, "_send_closed", "self")

    @patching.wrap(http_stream.HTTPStream, "app_send", "self", "message")
    async def app_send(original: Callable[..., Any], stream: Any, message: Message) -> None:
        if message is not _DROP:
            await original(stream, message)
        elif not stream.closed:
            # Nothing was answered, so the connection cannot be used again, and is closed.
            await stream.send(StreamClosed(stream_id=stream.stream_id))


class _Settings:
    """What is to fail, and what has failed since it was set."""

    def __init__(self, given: Fields) -> None:
        self.text: str = given["settings"]
        self.seed: int = given["seed"]
        self.only: frozenset[str] = frozenset(given["only"])
        self.latency: tuple[float, float] = given["latency"]
        self.shares: list[tuple[str, float]] = [(name, given[name]) for name in ("throttle", "fail", "drop")]
        self.met: Counter[str] = Counter()
        self._asked: Counter[bytes] = Counter()

    def number(self, question: bytes) -> int:
        """How often this was asked, this time counted."""
        self._asked[question] += 1
        return self._asked[question]

    def drawn(self, *of: object) -> float:
        """A number of at least 0 and less than 1, the same whenever it is drawn of the same."""
        text = "\0".join(map(str, (self.seed, *of)))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48

    def fault(self, *of: object) -> str | None:
        left = self.drawn("fault", *of)
        for name, share in self.shares:
            if left < share:
                return name
            left -= share
        return None

    def wait(self, *of: object) -> float:
        """In seconds."""
        least, most = self.latency
        return (least + (most - least) * self.drawn("latency", *of)) / 1000


class _Seen(NamedTuple):
    """The file as it was seen last, and what it says."""

    mark: tuple[int, int, int] | None
    settings: _Settings | None


_seen = _Seen(None, None)


def _settings() -> _Settings | None:
    global _seen
    path = os.environ.get("TREINO_LOCAL_CHAOS")
    if not path:
        return None
    try:
        found = os.stat(path)
        # It is always replaced, never written over.
        mark: tuple[int, int, int] | None = (found.st_ino, found.st_mtime_ns, found.st_size)
    except OSError:
        mark = None
    if mark != _seen.mark:
        _seen = _Seen(mark, _read(path) if mark else None)
    return _seen.settings


def _read(path: str) -> _Settings | None:
    try:
        with open(path, encoding="utf-8") as file:
            return _Settings(json.load(file))
    except (OSError, ValueError, LookupError, TypeError) as error:
        print(f"chaos: {path} cannot be read, and nothing fails: {error!r}", flush=True)
        return None


def health() -> Fields | None:
    """What is set, and what came of it so far; nothing where nothing is to fail."""
    settings = _settings()
    if settings is None:
        return None
    counts = {name: settings.met[name] for name in ("requests", "throttled", "failed", "dropped")}
    return {"settings": settings.text, **counts}


def disturbed(application: Application) -> Application:
    """The ASGI application, whose AWS calls meet what is set."""

    async def meet(scope: Scope, receive: Receive, send: Send) -> None:
        settings = _settings() if scope["type"] == "http" else None
        call = Call.of(scope) if settings else None
        if settings is None or call is None or (settings.only and call.service not in settings.only):
            await application(scope, receive, send)
            return
        if call.service != "s3":
            receive = await call.read(receive)
        question = call.question()
        of = (question, settings.number(question))
        settings.met["requests"] += 1
        await asyncio.sleep(settings.wait(*of))
        fault = settings.fault(*of)
        if fault is None:
            await application(scope, receive, send)
            return
        before = fault != "drop" or settings.drawn("before", *of) < 0.5
        settings.met[{"throttle": "throttled", "fail": "failed", "drop": "dropped"}[fault]] += 1
        print(f"chaos: {fault} {'' if before else 'when done '}{call.service}:{call.operation}", flush=True)
        if fault != "drop":
            await call.read(receive)
            await refusals.answer(send, scope["method"], *refusals.refusal(call, fault))
            return
        if not before:
            await application(scope, receive, _unheard)
        await send(_DROP)

    return meet


async def _unheard(_message: Message) -> None:
    pass


class Call:
    """A signed request."""

    def __init__(self, scope: Scope, headers: dict[bytes, str], account: str, service: str) -> None:
        self.scope = scope
        self.headers = headers
        self.account = account
        self.service = service
        self.path: str = scope["path"]
        self.body = b""

    @classmethod
    def of(cls, scope: Scope) -> "Call | None":
        """The AWS call a request is, unless it is none, or a function's."""
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        signed = headers.get(b"authorization", "")
        if not signed.startswith("AWS4-"):
            given = parse_qs(scope["query_string"].decode("latin-1"))
            signed = "Credential=" + given.get("X-Amz-Credential", [""])[0]
        found = _SCOPE.search(signed)
        if not found or "exec-env/AWS_Lambda" in headers.get(b"user-agent", ""):
            return None
        service = {"s3express": "s3"}.get(found[2], found[2])
        return cls(scope, headers, found[1], service)

    async def read(self, receive: Receive) -> Receive:
        """Reads the body; answers what gives it again."""
        messages: list[Message] = []
        more = True
        while more:
            messages.append(await receive())
            more = messages[-1].get("more_body", False)
        self.body = b"".join(message.get("body", b"") for message in messages)
        messages.reverse()

        async def again() -> Message:
            return messages.pop() if messages else await receive()

        return again

    @property
    def target(self) -> str | None:
        return self.headers.get(b"x-amz-target")

    @property
    def operation(self) -> str:
        """For whoever reads the log: no value of a parameter is in it."""
        if self.target:
            return self.target.rpartition(".")[2]
        return self._form().get("Action") or f"{self.scope['method']} {self.path}"

    def is_form(self) -> bool:
        return "x-www-form-urlencoded" in self.headers.get(b"content-type", "")

    def _form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"))) if self.is_form() else {}

    def question(self) -> bytes:
        """What is asked, without what is another in every run: tags (one is a time), tokens, signatures."""
        asked = [self.account, self.service, self.operation, self.scope["method"], self.path]
        asked += sorted(
            f"{name}={value}"
            for name, value in parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)
            if not name.lower().startswith("x-amz-")
        )
        asked += sorted(f"{name}={value}" for name, value in self._names() if "token" not in name.lower())
        return hashlib.sha256("\0".join(asked).encode("utf-8", "replace")).digest()

    def _names(self) -> list[tuple[str, str]]:
        if self.is_form():
            return [(name, value) for name, value in self._form().items() if not name.startswith("Tag")]
        if len(self.body) > _NAMED:
            return []
        try:
            fields = json.loads(self.body or b"{}")
        except ValueError:
            return []
        if not isinstance(fields, dict):
            return []
        return [(name, value) for name, value in fields.items() if isinstance(value, str)]
