"""Invocations of functions in place of MiniStack's: on their own interpreters, confined, with AWS's errors and log.

MiniStack keeps the pool of processes, concurrency, retries and destinations. Of it are replaced: the worker of
its pool for Python and Node.js, `_execute_function_warm` that runs one invocation on it, the lines of the log of
such an invocation, and how it ends processes that are at work.
"""

import contextlib
import contextvars
import hashlib
import json
import logging
import math
import re
import secrets
import signal
import time
from dataclasses import dataclass, field
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from treino_local import patching
from treino_local.functions import logs, runtimes, sizes, worker

logger = logging.getLogger("treino.functions")

# What an answer of Invoke shows of the log.
_TAIL_BYTES = 4096


@dataclass
class Direct:
    """An invocation by the API itself: it gives a client's context, and takes the answer as it was written."""

    client_context: Any = None
    answer: bytes | None = None


direct: contextvars.ContextVar[Direct | None] = contextvars.ContextVar("direct", default=None)
_told: set[str] = set()


def install() -> None:
    patching.of(lambda_runtime, "_workers", dict)
    patching.function(lambda_runtime, "execution_credentials", "config")
    patching.function(lambda_runtime, "acquire_worker", "func_name", "config", "code_zip", "qualifier")
    patching.function(lambda_svc, "_xray_trace_id_for_invocation", "config")
    patching.function(lambda_svc, "_durable_env_overlay")
    patching.function(lambda_svc, "_resolve_layer_zip", "attachment")
    patching.of(lambda_svc, "_invoke_depth", contextvars.ContextVar)

    @patching.wrap(lambda_svc, "_fetch_code_from_s3", "bucket", "key")
    def fetch_code_from_s3(original: Any, bucket: str, key: str, version_id: str | None = None) -> bytes | None:
        # A large object is a mapped file, which the function outlives: the state with its code is saved.
        found = original(bucket, key, version_id=version_id)
        return None if found is None else bytes(found)

    @patching.wrap(lambda_runtime, "_worker_class_for", "config")
    def worker_class_for(original: Any, config: dict[str, Any]) -> Any:
        runtime = str(config.get("Runtime", ""))
        return worker.Worker if runtime.startswith(("python", "nodejs")) else original(config)

    @patching.wrap(lambda_runtime, "kill_workers", "workers")
    def kill_workers(original: Any, workers: list[Any]) -> None:
        ours = [each for each in workers if isinstance(each, worker.Worker)]
        for each in ours:
            # As on AWS, what is under way is finished; then it ends.
            each.doomed = True
        worker.end_all([each for each in ours if not each.in_use])
        original([each for each in workers if not isinstance(each, worker.Worker)])

    @patching.wrap(lambda_svc, "reap_idle_workers")
    def reap_idle_workers(_original: Any, ttl: float | None = None) -> int:
        return reap(lambda_runtime._LOCAL_WORKER_TTL if ttl is None else ttl)

    @patching.wrap(lambda_svc, "invalidate_worker", "func_name", "qualifier", "account", "region")
    def invalidate_worker(
        original: Any, func_name: str, qualifier: Any = None, account: Any = None, region: Any = None
    ) -> Any:
        # UpdateFunctionConfiguration does not say whose function it is, and ends all of that name.
        return original(func_name, qualifier, account or get_account_id(), region or get_region())

    @patching.wrap(lambda_svc, "_execute_function_warm", "func", "event", "request_id")
    def execute_function_warm(_original: Any, func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        return execute(func, event, request_id)

    for name in ("warm", "provided_warm", "provided", "local", "docker"):
        _need_code(f"_execute_function_{name}")

    @patching.wrap(lambda_svc, "_emit_lambda_logs", "func", "request_id", "log_text", "error", "duration_ms")
    def emit_lambda_logs(original: Any, func: Any, request_id: str, *rest: Any, **options: Any) -> None:
        if request_id in _told:
            _told.discard(request_id)
        else:
            original(func, request_id, *rest, **options)

    @patching.wrap(lambda_svc, "_inbound_invoke_depth", "headers")
    def inbound_invoke_depth(original: Any, headers: dict[str, str]) -> int:
        found = re.search(r"Lineage=\d+:[0-9a-f]+:(\d+)", headers.get("x-amzn-trace-id", ""))
        return int(found[1]) if found else int(original(headers))

    sizes.install(direct, Direct)
    runtimes.look()


def _need_code(name: str) -> None:
    """MiniStack answers for a function without code, as one whose file is gone at a start, with a success."""

    @patching.wrap(lambda_svc, name, "func", "event", "request_id")
    def execute_with_code(original: Any, func: dict[str, Any], event: Any, request_id: str) -> Any:
        config = func.get("config") or func
        if func.get("code_zip") or config.get("PackageType") == "Image":
            return original(func, event, request_id)
        message = (
            f"The code of the function {config.get('FunctionName')} is gone from the data of the local AWS: "
            "UpdateFunctionCode gives it code again."
        )
        error = {"errorMessage": message, "errorType": "Runtime.ImportModuleError"}
        line = f"[ERROR] {error['errorType']}: {message}\n"
        return {"body": error, "error": True, "function_error": "Unhandled", "log": line}


def reap(ttl: float) -> int:
    """Ends the processes that were idle for so long, a function's first too."""
    moment = time.time()
    idle = []
    with lambda_runtime._lock:
        for key, workers in list(lambda_runtime._workers.items()):
            gone = [each for each in workers if not each.in_use and moment - each.last_used >= ttl]
            idle += gone
            lambda_runtime._workers[key] = [each for each in workers if each not in gone]
            if not lambda_runtime._workers[key]:
                del lambda_runtime._workers[key]
    lambda_runtime.kill_workers(idle)
    return len(idle)


@dataclass
class Told:
    """What became of an invocation, for its log and its answer."""

    body: bytes = b"null"
    error: dict[str, Any] | None = None
    status: str = ""
    lines: list[str] = field(default_factory=list)


def execute(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
    config, code_zip = func.get("config") or func, func["code_zip"]
    lambda_svc._ensure_reaper_thread()
    qualifier = config.get("Version", "$LATEST")
    name = config.get("FunctionName", "unknown")
    leased, _ = lambda_runtime.acquire_worker(name, config, code_zip, qualifier=qualifier)
    try:
        return Invocation(leased, config, request_id).run(event)
    finally:
        leased.last_used = time.time()
        lambda_runtime.release_worker(leased)
        if leased.doomed:
            leased.end()


class Invocation:
    def __init__(self, leased: worker.Worker, config: dict[str, Any], request_id: str) -> None:
        self.worker = leased
        self.config = config
        self.id = request_id
        self.timeout = float(config.get("Timeout", 3))
        self.tail = ""
        self.started = False

    def run(self, event: Any) -> dict[str, Any]:
        _told.add(self.id)
        init_ms = None
        began = time.monotonic()
        try:
            if not self.worker.running:
                self.worker._spawn(self._before_start)
                init_ms = self.worker.init_seconds * 1000
            self._start()
            began = time.monotonic()
            told = self._invoke(event)
        except (worker.InitFailed, worker.Ended, worker.TimedOut, worker.OutOfMemory, runtimes.Missing) as failure:
            self._start()
            told = self._failed(failure)
        except worker.AnswerTooLarge:
            message = f"Response payload size exceeded maximum allowed payload size ({worker.MOST_OF_ANSWER} bytes)."
            error = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
            told = Told(error=error, status=_status("Runtime.ExitError"), lines=[f"{message}\n"])
        except Exception as failure:
            # A full disk, too few files: ours, but to be told where it is seen.
            logger.exception("The function %s could not be run", self.config.get("FunctionName"))
            self.worker.end()
            self._start()
            message = f"The local AWS could not run the function: {failure}"
            told = Told(error={"errorMessage": message, "errorType": "Lambda.Unknown"}, lines=[f"{message}\n"])
        self._end(told, (time.monotonic() - began) * 1000, init_ms)
        return self._result(told)

    def _invoke(self, event: Any) -> Told:
        given = direct.get()
        header = {
            "id": self.id,
            "arn": self.config.get("FunctionArn", ""),
            "deadline_ms": int((time.time() + self.timeout) * 1000),
            "client_context": given.client_context if given else None,
            "environment": {
                **dict.fromkeys(lambda_runtime.DURABLE_ENV_VARS),
                **lambda_svc._durable_env_overlay(),
                "_X_AMZN_TRACE_ID": trace_id(self.config),
            },
        }
        deadline = time.monotonic() + self.timeout
        text = json.dumps(event).encode()
        header, body = self.worker.invoke(header, text, deadline, self.write)
        if header["kind"] == "result":
            return Told(body)
        error = _readable(json.loads(body))
        return Told(json.dumps(error).encode(), error)

    def _failed(self, failure: Exception) -> Told:
        if isinstance(failure, worker.InitFailed):
            error = _readable(json.loads(failure.error))
            return Told(error=error, status=_status(error["errorType"]))
        if isinstance(failure, runtimes.Missing):
            error = {"errorMessage": str(failure), "errorType": "Runtime.InvalidRuntime"}
            return Told(error=error, status=_status("Runtime.InvalidRuntime"), lines=[f"{failure}\n"])
        if isinstance(failure, worker.TimedOut):
            words = f"Task timed out after {self.timeout:.2f} seconds"
            error = {"errorMessage": f"RequestId: {self.id} Error: {words}", "errorType": "Sandbox.Timedout"}
            now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{logs.now() % 1000:03d}Z"
            return Told(error=error, status="Status: timeout", lines=[f"{now} {self.id} {words}\n\n"])
        kind, code = "Runtime.ExitError", -int(signal.SIGKILL)
        if isinstance(failure, worker.OutOfMemory):
            kind = "Runtime.OutOfMemory"
        elif isinstance(failure, worker.Ended):
            code = failure.code
        message = f"RequestId: {self.id} Error: {_how_it_ended(code)}"
        return Told(
            error={"errorMessage": message, "errorType": kind}, status=_status(kind), lines=[f"{message}\n{kind}\n"]
        )

    # ---- The log

    def write(self, events: list[logs.Event]) -> None:
        self.worker.stream.write(events)
        if events:
            self.tail = (self.tail + "".join(text for _, text in events))[-_TAIL_BYTES:]

    def _before_start(self, events: list[logs.Event]) -> None:
        self.write(events)

    def _start(self) -> None:
        if not self.started:
            self.started = True
            version = self.config.get("Version", "$LATEST")
            self.write([(logs.now(), f"START RequestId: {self.id} Version: {version}\n")])

    def _end(self, told: Told, duration_ms: float, init_ms: float | None) -> None:
        if told.status.startswith("Status: timeout"):
            duration_ms = self.timeout * 1000
        size = int(self.config.get("MemorySize", 128))
        used = min(size, max(1, math.ceil(self.worker.memory / 1024 / 1024)))
        # Loading the code is billed too.
        fields = [
            f"REPORT RequestId: {self.id}",
            f"Duration: {duration_ms:.2f} ms",
            f"Billed Duration: {math.ceil(duration_ms + (init_ms or 0))} ms",
            f"Memory Size: {size} MB",
            f"Max Memory Used: {size if 'OutOfMemory' in told.status else used} MB",
        ]
        if init_ms is not None:
            fields.append(f"Init Duration: {init_ms:.2f} ms")
        if told.status:
            fields.append(told.status)
        at = logs.now()
        ends = [f"END RequestId: {self.id}\n", "\t".join(fields) + "\t\n"]
        self.write([(at, line) for line in (*told.lines, *ends)])

    # ---- The answer

    def _result(self, told: Told) -> dict[str, Any]:
        given = direct.get()
        if told.error is not None:
            body: Any = told.error
        else:
            body = parsed(told.body)
            if given is not None:
                given.answer = told.body
        result = {"body": body, "log": self.tail}
        if isinstance(body, Unread):
            result.update({"body": str(body), "raw_payload": True})
        if told.error is not None:
            result.update({"error": True, "function_error": "Unhandled"})
        return result


class Unread(str):
    """An answer that is not valid JSON."""


def parsed(body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        value = json.loads(text)
        if "\\ud" in text.lower():
            # Half of a pair is not a text outside of Python.
            whole = json.dumps(value, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            value = json.loads(whole)
        return value
    return Unread(text)


def _readable(value: Any) -> Any:
    """The value without halves of characters: no answer and no history can be written with them."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_readable(key): _readable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_readable(each) for each in value]
    return value


def _status(kind: str) -> str:
    return f"Status: error\tError Type: {kind}"


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"Runtime exited with error: signal: {(signal.strsignal(-code) or str(-code)).lower()}"
    return f"Runtime exited with error: exit status {code}" if code else "Runtime exited without providing a reason"


def trace_id(config: dict[str, Any]) -> str:
    """With the depth of invocations that led here, which a function's SDK hands on: recursive loops are found by it."""
    trace = lambda_svc._xray_trace_id_for_invocation(config)
    if trace is None:
        trace = f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0"
    lineage = hashlib.sha256(str(config.get("FunctionArn")).encode()).hexdigest()[:8]
    return f"{trace};Lineage=1:{lineage}:{lambda_svc._invoke_depth.get()}"
