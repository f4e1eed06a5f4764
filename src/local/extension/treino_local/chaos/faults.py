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
from urllib.parse import parse_qs, parse_qsl

from hypercorn.protocol import http_stream
from hypercorn.protocol.events import StreamClosed
from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from treino_local import patching
from treino_local.chaos import refusals

# To the server: end the connection without an answer, or in its midst.
_DROP = {"type": "treino.drop"}
# Larger bodies are not read for names.
_NAMED = 1024 * 1024
_SCOPE = re.compile(r"Credential=([^/,]+)/[^/,]+/[^/,]+/([^/,]+)/")


def install():
    for module in (lambda_runtime, lambda_svc):

        @patching.wrap(module, "execution_credentials", "config")
        def execution_credentials(original, config):
            # As on AWS; an SDK says it in its User-Agent, and its calls are known by that.
            return {**original(config), "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', 'image')}"}

    patching.function(http_stream.HTTPStream, "_send_closed", "self")

    @patching.wrap(http_stream.HTTPStream, "app_send", "self", "message")
    async def app_send(original, stream, message):
        if message is not _DROP:
            await original(stream, message)
        elif not stream.closed:
            # Nothing was answered, so the connection cannot be used again, and is closed.
            await stream.send(StreamClosed(stream_id=stream.stream_id))


class _Settings:
    """What is to fail, and what has failed since it was set."""

    def __init__(self, given):
        self.text = given["settings"]
        self.seed = given["seed"]
        self.only = frozenset(given["only"])
        self.latency = given["latency"]
        self.shares = [(name, given[name]) for name in ("throttle", "fail", "drop")]
        self.met = Counter()
        self._asked = Counter()

    def number(self, question):
        """How often this was asked, this time counted."""
        self._asked[question] += 1
        return self._asked[question]

    def drawn(self, *of):
        """A number of at least 0 and less than 1, the same whenever it is drawn of the same."""
        text = "\0".join(map(str, (self.seed, *of)))
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48

    def fault(self, *of):
        left = self.drawn("fault", *of)
        for name, share in self.shares:
            if left < share:
                return name
            left -= share
        return None

    def wait(self, *of):
        """In seconds."""
        least, most = self.latency
        return (least + (most - least) * self.drawn("latency", *of)) / 1000


# The file as it was seen last, and what it says.
_seen = (None, None)


def _settings():
    global _seen
    path = os.environ.get("TREINO_LOCAL_CHAOS")
    if not path:
        return None
    try:
        found = os.stat(path)
        # It is always replaced, never written over.
        mark = (found.st_ino, found.st_mtime_ns, found.st_size)
    except OSError:
        mark = None
    if mark != _seen[0]:
        _seen = (mark, _read(path) if mark else None)
    return _seen[1]


def _read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return _Settings(json.load(file))
    except (OSError, ValueError, LookupError, TypeError) as error:
        print(f"chaos: {path} cannot be read, and nothing fails: {error!r}", flush=True)
        return None


def health():
    """What is set, and what came of it so far; nothing where nothing is to fail."""
    settings = _settings()
    if settings is None:
        return None
    counts = {name: settings.met[name] for name in ("requests", "throttled", "failed", "dropped")}
    return {"settings": settings.text, **counts}


def disturbed(application):
    """The ASGI application, whose AWS calls meet what is set."""

    async def meet(scope, receive, send):
        settings = _settings() if scope["type"] == "http" else None
        call = _Call.of(scope) if settings else None
        if call is None or (settings.only and call.service not in settings.only):
            return await application(scope, receive, send)
        if call.service != "s3":
            receive = await call.read(receive)
        question = call.question()
        of = (question, settings.number(question))
        settings.met["requests"] += 1
        await asyncio.sleep(settings.wait(*of))
        fault = settings.fault(*of)
        if fault is None:
            return await application(scope, receive, send)
        before = fault != "drop" or settings.drawn("before", *of) < 0.5
        settings.met[{"throttle": "throttled", "fail": "failed", "drop": "dropped"}[fault]] += 1
        print(f"chaos: {fault} {'' if before else 'when done '}{call.service}:{call.operation}", flush=True)
        if fault != "drop":
            await call.read(receive)
            return await refusals.send(send, scope["method"], *refusals.refusal(call, fault))
        if not before:
            await application(scope, receive, _unheard)
        await send(_DROP)

    return meet


async def _unheard(_message):
    pass


class _Call:
    """A signed request."""

    def __init__(self, scope, headers, account, service):
        self.scope = scope
        self.headers = headers
        self.account = account
        self.service = service
        self.path = scope["path"]
        self.body = b""

    @classmethod
    def of(cls, scope):
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

    async def read(self, receive):
        """Reads the body; answers what gives it again."""
        messages, more = [], True
        while more:
            messages.append(await receive())
            more = messages[-1].get("more_body", False)
        self.body = b"".join(message.get("body", b"") for message in messages)
        messages.reverse()

        async def again():
            return messages.pop() if messages else await receive()

        return again

    @property
    def target(self):
        return self.headers.get(b"x-amz-target")

    @property
    def operation(self):
        """For whoever reads the log: no value of a parameter is in it."""
        if self.target:
            return self.target.rpartition(".")[2]
        return self._form().get("Action") or f"{self.scope['method']} {self.path}"

    def is_form(self):
        return "x-www-form-urlencoded" in self.headers.get(b"content-type", "")

    def _form(self):
        return dict(parse_qsl(self.body.decode("utf-8", "replace"))) if self.is_form() else {}

    def question(self):
        """What is asked, without what is another in every run: tags (one is a time), tokens, signatures."""
        asked = [self.account, self.service, self.operation, self.scope["method"], self.path]
        asked += sorted(
            f"{name}={value}"
            for name, value in parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)
            if not name.lower().startswith("x-amz-")
        )
        asked += sorted(f"{name}={value}" for name, value in self._names() if "token" not in name.lower())
        return hashlib.sha256("\0".join(asked).encode("utf-8", "replace")).digest()

    def _names(self):
        if self.is_form():
            return [(name, value) for name, value in self._form().items() if not name.startswith("Tag")]
        if len(self.body) > _NAMED:
            return []
        try:
            fields = json.loads(self.body or b"{}")
        except ValueError:
            return []
        fields = fields.items() if isinstance(fields, dict) else ()
        return [(name, value) for name, value in fields if isinstance(value, str)]
