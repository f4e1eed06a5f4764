"""The process around MiniStack: which environment it and the functions it runs see, and how it ends."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

# Ours unless the user says otherwise: ports that nobody asked for stay closed, and the processes
# that a burst of invocations leaves behind, 60 MB each, go after a minute instead of five.
_DEFAULTS = {
    "BIND_HOST": "127.0.0.1",
    "GATEWAY_PORT": "4566",
    "SFTP_ENABLED": "0",
    "IOT_MTLS_ENABLED": "0",
    "LAMBDA_EXECUTOR": "local",
    "LAMBDA_WARM_TTL_SECONDS": "60",
    "PERSIST_STATE": "1",
    "S3_PERSIST": "1",
    "S3_DATA_DIR": "s3",
    "STATE_DIR": "state",
}


def prepare() -> None:
    """Before MiniStack is imported, which reads its environment then.

    The functions it runs inherit this environment, so the user's own AWS settings go: real
    credentials, a profile or an endpoint would otherwise reach them, and they AWS.
    """
    # What is written is for this user alone, whatever may be read of other programs' files.
    os.umask(0o077)
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    for name in ("S3_DATA_DIR", "STATE_DIR"):
        os.environ[name] = os.path.abspath(os.environ[name])
    os.environ.setdefault("TREINO_LOCAL_SECRET_FILE", os.path.join(os.environ["STATE_DIR"], "secret"))
    for name in ("NO_PROXY", "no_proxy"):
        # A proxy cannot reach this machine's loopback.
        others = os.environ.get(name, "")
        os.environ[name] = f"127.0.0.1,localhost,{others}".rstrip(",")


def make_secret() -> None:
    """Where nobody has made the secret that requests are signed with."""
    path = Path(os.environ["TREINO_LOCAL_SECRET_FILE"])
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(30))


def on_signals(stop: Callable[[], None]) -> None:
    """Calls `stop` when the process is asked to end."""
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(each, stop)
        except NotImplementedError:
            signal.signal(each, lambda *_: loop.call_soon_threadsafe(stop))


def watch_stdin(stop: Callable[[], object]) -> None:
    """Calls `stop` when the other end of stdin is gone, however it went."""

    def watch() -> None:
        try:
            while os.read(sys.stdin.fileno(), 4096):
                pass
        except (OSError, ValueError):
            pass
        stop()

    threading.Thread(target=watch, name="treino-stdin", daemon=True).start()


def raise_file_limit() -> None:
    """Every connection and every function's process takes a few; macOS begins with 256."""
    try:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536) if most > 0 else 65536, most))
    except (ImportError, ValueError, OSError):
        pass


async def close(application: Any) -> None:
    """What has to be kept is kept: the trails' last log files, and the state."""
    from treino_local.cloudtrail import trail_logs
    from treino_local.persistence import saving

    stop_functions()
    trail_logs.deliver_all()
    saving.save_all()
    messages = [{"type": "lifespan.shutdown"}]

    async def receive() -> dict[str, str]:
        return messages.pop()

    async def send(_message: object) -> None:
        pass

    await application({"type": "lifespan"}, receive, send)


def stop_functions() -> None:
    # Looked up, not imported: nothing runs if nothing has loaded it.
    worker = sys.modules.get("treino_local.functions.worker")
    runtime = sys.modules.get("ministack.core.lambda_runtime")
    if worker and runtime:
        every = [each for workers in list(runtime._workers.values()) for each in workers]
        worker.end_all([each for each in every if isinstance(each, worker.Worker)])
        for each in every:
            if not isinstance(each, worker.Worker) and each._proc is not None:
                each._proc.kill()
                each._discard_tmpdir()


def leave(code: int) -> NoReturn:
    """Ends the process now. The interpreter's own way out waits for threads that wait for others."""
    stop_functions()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
