"""The process around MiniStack: which environment it and the functions it runs see, and how it ends."""

import os
import sys
import threading

# Ours unless the user says otherwise: ports that nobody asked for stay closed, and the processes
# that a burst of invocations leaves behind, 60 MB each, go after a minute instead of five.
_DEFAULTS = {
    "BIND_HOST": "127.0.0.1",
    "SFTP_ENABLED": "0",
    "IOT_MTLS_ENABLED": "0",
    "LAMBDA_EXECUTOR": "local",
    "LAMBDA_WARM_TTL_SECONDS": "60",
}


def prepare():
    """Before MiniStack is imported, which reads its environment then.

    The functions it runs inherit this environment, so the user's own AWS settings go: real
    credentials, a profile or an endpoint would otherwise reach them, and they AWS.
    """
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    for name in ("NO_PROXY", "no_proxy"):
        # A proxy cannot reach this machine's loopback.
        others = os.environ.get(name, "")
        os.environ[name] = f"127.0.0.1,localhost,{others}".rstrip(",")


def watch_stdin(stop):
    """Calls `stop` when the other end of stdin is gone, however it went."""

    def watch():
        try:
            while os.read(sys.stdin.fileno(), 4096):
                pass
        except (OSError, ValueError):
            pass
        stop()

    threading.Thread(target=watch, name="treino-stdin", daemon=True).start()


def raise_file_limit():
    """Every connection and every function's process takes a few; macOS begins with 256."""
    try:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536) if most > 0 else 65536, most))
    except (ImportError, ValueError, OSError):
        pass


async def close(application):
    """What has to be kept is kept: the trails' last log files, and with PERSIST_STATE=1 MiniStack's state."""
    from treino_local.cloudtrail import trail_logs

    stop_functions()
    trail_logs.deliver_all()
    messages = [{"type": "lifespan.shutdown"}]

    async def receive():
        return messages.pop()

    async def send(_message):
        pass

    await application({"type": "lifespan"}, receive, send)


def stop_functions():
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


def leave(code):
    """Ends the process now. The interpreter's own way out waits for threads that wait for others."""
    stop_functions()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
