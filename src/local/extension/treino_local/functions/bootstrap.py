"""What runs a Python function in its process: loads the handler, answers invocations over a channel of its own.

Run by file on the function's interpreter, with nothing of the local AWS: `python -I -B bootstrap.py CHANNEL`.
Names, messages and order follow AWS's own runtime client for Python.
"""

import decimal
import importlib
import io
import json
import logging
import math
import os
import site
import socket
import struct
import sys
import time
import traceback
from typing import Any

try:
    import simplejson

    _RawJSON: Any = simplejson.raw_json.RawJSON
    _Encoder: Any = simplejson.JSONEncoder
except ImportError:  # Only where functions run on another Python than their own.
    _RawJSON = None
    _Encoder = json.JSONEncoder

_TASK = os.environ["LAMBDA_TASK_ROOT"]
_OPT = os.path.join(os.path.dirname(_TASK), "opt")
_LIBRARY = os.path.dirname(json.__path__[0])
_NO_BREAK_SPACE = "\u00a0"
# At the end of a line that goes on in the next: one event of the log, not two.
_GOES_ON = "\x1e\n"

_request_id = ""


class Fault(Exception):
    """An error of the runtime, not of the function."""

    def __init__(self, kind: str, message: str, trace: "list[str] | None" = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


class Channel:
    """Frames: the length of a header, the header in JSON, as many bytes as it says."""

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self.connection = socket.socket(fileno=descriptor)
        self.connection.setblocking(True)
        self.input = self.connection.makefile("rb")

    def receive(self) -> "tuple[dict[str, Any], bytes]":
        length = self.input.read(4)
        if len(length) < 4:
            os._exit(0)
        header = json.loads(self.input.read(struct.unpack(">I", length)[0]))
        return header, self.input.read(header["size"])

    def send(self, kind: str, body: bytes = b"") -> None:
        header = json.dumps({"kind": kind, "size": len(body), "memory": _peak_memory()}).encode()
        self.connection.sendall(struct.pack(">I", len(header)) + header + body)


class Encoder(_Encoder):  # type: ignore[misc]
    """AWS's: a Decimal is a number by its text; datetime, set and the like are refused."""

    def default(self, value: Any) -> Any:
        if isinstance(value, decimal.Decimal) and _RawJSON is not None:
            return math.nan if value.is_nan() else _RawJSON(str(value))
        return super().default(value)


def encoder() -> Any:
    options: dict[str, Any] = {"use_decimal": False} if _RawJSON is not None else {}
    # From python3.12 on text is not escaped.
    _, _, minor = os.environ.get("AWS_EXECUTION_ENV", "").partition("python3.")
    options["ensure_ascii"] = not (minor.isdigit() and int(minor) >= 12)
    return Encoder(allow_nan=True, **options)


class Logged(io.TextIOBase):
    """stdout and stderr: what is written is there at once."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        written: int = self.stream.write(text)
        self.stream.flush()
        return written

    def writelines(self, lines: Any) -> None:
        self.stream.writelines(lines)
        self.stream.flush()

    def fileno(self) -> int:
        number: int = self.stream.fileno()
        return number

    def flush(self) -> None:
        self.stream.flush()


class Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            record.aws_request_id = _request_id
            log_event(self.format(record))
        except Exception:
            self.handleError(record)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        known = set(logging.makeLogRecord({}).__dict__) | {"aws_request_id", "message", "asctime"}
        error = record.exc_info[1] if record.exc_info else None
        fields: dict[str, Any] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.msg if isinstance(record.msg, dict) and not record.args else record.getMessage(),
            "logger": record.name,
        }
        if error is not None:
            fields["stackTrace"] = traceback.format_tb(error.__traceback__)
            fields["errorType"] = type(error).__name__
            fields["errorMessage"] = str(error)
            fields["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        fields["requestId"] = _request_id
        fields.update((name, value) for name, value in record.__dict__.items() if name not in known)
        return json.dumps(fields, default=str, ensure_ascii=False)


def log_event(text: str) -> None:
    text = text.rstrip("\n").replace("\n", _GOES_ON)
    sys.stdout.write(text + "\n")


def set_up_logging() -> None:
    # What a function prints is text in UTF-8, whatever the function's own variables say.
    for name in ("stdout", "stderr"):
        getattr(sys, name).reconfigure(encoding="utf-8", errors="backslashreplace")
        setattr(sys, name, Logged(getattr(sys, name)))
    logging.Formatter.converter = time.gmtime
    handler = Handler()
    level = {"": "", "TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(
        os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper(), os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    )
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(
            logging.Formatter(
                "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
            )
        )
    if isinstance(logging.getLevelName(level), int):
        logging.getLogger().setLevel(level)
    logging.getLogger().addHandler(handler)


def error_of(kind: str, message: str, trace: "list[str]", request_id: str = "") -> "dict[str, Any]":
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": trace}


def error_of_exception(error: BaseException, request_id: str = "") -> "dict[str, Any]":
    if isinstance(error, Fault):
        return error_of(error.kind, str(error), error.trace, request_id)
    frames = traceback.extract_tb(error.__traceback__)
    while frames and frames[0].filename == __file__:
        frames.pop(0)
    plain = [(frame.filename, frame.lineno, frame.name, frame.line) for frame in frames]
    trace = [shown(line) for line in traceback.format_list(plain)]  # type: ignore[arg-type]
    return error_of(type(error).__name__, str(error), trace, request_id)


def shown(text: str) -> str:
    """With AWS's folders in the place of these."""
    text = text.replace(_TASK, "/var/task").replace(_OPT, "/opt")
    return text.replace(_LIBRARY, f"/var/lang/lib/python{sys.version_info.major}.{sys.version_info.minor}")


def log_error(error: "dict[str, Any]") -> None:
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        log_event(json.dumps({"timestamp": now, "level": "ERROR", **error}, ensure_ascii=False))
        return
    lines = [f"[ERROR] {error['errorType']}: {error['errorMessage']}", "Traceback (most recent call last):"]
    for frame in error["stackTrace"]:
        for line in frame.splitlines():
            rest = line.lstrip(" ")
            lines.append(_NO_BREAK_SPACE * (len(line) - len(rest)) + rest)
    log_event("\n".join(lines))


def load(handler: str) -> Any:
    module_name, dot, name = handler.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName",
            f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)",
        )
    try:
        if module_name.split(".")[0] in sys.builtin_module_names:
            raise Fault(
                "Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module"
            )
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        trace = [shown(f'  File "{error.filename}" Line {error.lineno}\n    {error.text}')]
        message = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, trace) from error
    try:
        return getattr(module, name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'") from None


def set_up_path() -> None:
    """The code first, then the layers, then the runtime's own."""
    own = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    minor = f"python{sys.version_info.major}.{sys.version_info.minor}"
    sys.path[:0] = [_TASK, os.path.join(_OPT, "python"), *own]
    for libraries in (os.path.join(_OPT, "python", "lib", minor, "site-packages"),):
        if os.path.isdir(libraries):
            site.addsitedir(libraries)


class Part:
    """A part of the context, with the names AWS gives it."""

    def __init__(self, names: "tuple[str, ...]", values: "dict[str, Any] | None") -> None:
        for name in names:
            setattr(self, name, (values or {}).get(name))


class LambdaContext:
    def __init__(self, header: "dict[str, Any]") -> None:
        self.aws_request_id = header["id"]
        self.invoked_function_arn = header["arn"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.tenant_id = None
        self.identity = Part(("cognito_identity_id", "cognito_identity_pool_id"), None)
        self.client_context = None
        if header.get("client_context"):
            given = header["client_context"]
            self.client_context = Part(("custom", "env", "client"), given)
            names = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")
            if given.get("client"):
                self.client_context.client = Part(names, given["client"])  # type: ignore[attr-defined]
        self._deadline_ms = header["deadline_ms"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int(self._deadline_ms - time.time() * 1000))

    def log(self, text: Any) -> None:
        sys.stdout.write(str(text))


def _peak_memory() -> int:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def run_snapshot_hooks() -> None:
    try:
        from snapshot_restore_py import get_after_restore, get_before_snapshot
    except ImportError:
        return
    for function, arguments, options in [*reversed(get_before_snapshot()), *get_after_restore()]:
        function(*arguments, **options)


def answer(handler: Any, header: "dict[str, Any]", body: bytes) -> "tuple[str, bytes]":
    try:
        event = json.loads(body)
        result = handler(event, LambdaContext(header))
        if isinstance(result, bytes):
            return "result", result
        try:
            return "result", encoder().encode(result).encode()
        except Exception as error:
            raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error
    except Exception as error:
        found = error_of_exception(error, header["id"])
        log_error(found)
        return "error", json.dumps(found).encode()


def main() -> None:
    global _request_id
    channel = Channel(int(sys.argv[1]))
    set_up_logging()
    set_up_path()
    sys.argv[:] = [""]
    try:
        handler = load(os.environ["_HANDLER"])
        if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
            run_snapshot_hooks()
    except Exception as error:
        found = error_of_exception(error)
        log_error(found)
        channel.send("init_error", json.dumps(found).encode())
        sys.exit(1)
    channel.send("ready")
    while True:
        header, body = channel.receive()
        _request_id = header["id"]
        for name, value in header["environment"].items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        channel.send(*answer(handler, header, body))


if __name__ == "__main__":
    main()
