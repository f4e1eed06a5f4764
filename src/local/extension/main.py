"""treino's local AWS: MiniStack with the additions in treino_local, on a loopback address.

    BIND_HOST=127.0.0.1 GATEWAY_PORT=4566 S3_DATA_DIR=... STATE_DIR=... TMPDIR=... python main.py

takes MiniStack's own environment variables, and of ours:

    TREINO_LOCAL_WATCH_STDIN=1   end when stdin does (a test that dies takes it along)
    TREINO_LOCAL_FACES=0         look for no faces, even where OpenCV is installed
    TREINO_LOCAL_CHAOS=FILE      what is to fail on purpose, while the file is there
"""

import asyncio
import importlib
import importlib.metadata
import os
import signal
import sys

import treino_local
from treino_local import guard, process

ADDITIONS = (
    "cloudtrail.trail_events", "cloudtrail.trails", "s3.buckets", "eventbridge.rules", "rekognition.service",
    "functions.invocations", "step_functions.machines", "step_functions.histories", "step_functions.task_events",
    "glacier.vaults", "step_functions.sdk_calls", "s3.directory_buckets", "eventbridge.connections",
    "step_functions.http_tasks", "step_functions.paths", "step_functions.variables",
    "step_functions.sync_executions", "step_functions.parallels", "iam.resource_arns", "iam.simulate", "chaos.faults",
)


def main():
    check_version()
    process.prepare()
    try:
        for name in ADDITIONS:
            importlib.import_module(f"treino_local.{name}").install()
    except Exception as error:
        # Whatever moved: a module, a name, a signature, a piece of text.
        sys.exit(f"treino's additions do not fit this MiniStack: {error}")
    asyncio.run(serve())


def check_version():
    try:
        found = importlib.metadata.version("ministack")
    except importlib.metadata.PackageNotFoundError:
        found = "none"
    if found != treino_local.MINISTACK:
        sys.exit(f"treino's local AWS needs MiniStack {treino_local.MINISTACK}; installed in {sys.prefix}: {found}.")


def health():
    from treino_local.chaos import faults
    from treino_local.functions import runtimes
    from treino_local.rekognition import faces

    return {
        "ministack": treino_local.MINISTACK,
        "extension": treino_local.VERSION,
        "additions": list(ADDITIONS),
        "faces": faces.available(),
        "functions": runtimes.health(),
        "pid": os.getpid(),
        "chaos": faults.health(),
    }


async def serve():
    """Runs MiniStack until SIGTERM, SIGINT or the end of stdin, and then ends the process."""
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack import app
    from treino_local.chaos import faults

    config = Config()
    config.bind = [f"{os.environ['BIND_HOST']}:{app._resolve_port()}"]
    config.keep_alive_timeout = 75
    config.loglevel = app.LOG_LEVEL

    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ending.set)
    if os.environ.get("TREINO_LOCAL_WATCH_STDIN") == "1":
        process.watch_stdin(lambda: loop.call_soon_threadsafe(ending.set))
    process.raise_file_limit()

    # Hypercorn's own way to stop waits for connections and for functions under way; it is never asked to.
    serving = loop.create_task(
        hypercorn_serve(guard.guarded(faults.disturbed(app.app), health), config, shutdown_trigger=asyncio.Event().wait)
    )
    await asyncio.wait({serving, loop.create_task(ending.wait())}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        error = serving.exception()
        print(f"The local AWS cannot listen on {config.bind[0]}: {error}", file=sys.stderr)
        process.leave(1)
    await process.close(app.app)
    process.leave(0)


if __name__ == "__main__":
    main()
