"""The backend's process: MiniStack with the additions, behind the front."""

from __future__ import annotations

import asyncio
import hmac
import importlib
import importlib.metadata
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import treino_local
from treino_local import process
from treino_local.front.backend import HEADER, REFUSED


def main(additions: Sequence[str]) -> None:
    check_version()
    process.prepare()
    try:
        for name in additions:
            importlib.import_module(f"treino_local.{name}").install()
    except Exception as error:
        # Whatever moved: a module, a name, a signature, a piece of text.
        refuse(f"treino's additions do not fit this MiniStack: {error}")
    asyncio.run(serve(additions))


def check_version() -> None:
    try:
        found = importlib.metadata.version("ministack")
    except importlib.metadata.PackageNotFoundError:
        found = "none"
    if found != treino_local.MINISTACK:
        refuse(f"treino's local AWS needs MiniStack {treino_local.MINISTACK}; installed in {sys.prefix}: {found}.")


def refuse(why: str) -> None:
    """Ends at once, and is not started again."""
    print(why, file=sys.stderr, flush=True)
    sys.exit(REFUSED)


def health(additions: Sequence[str]) -> dict[str, object]:
    from treino_local.chaos import faults
    from treino_local.functions import runtimes
    from treino_local.persistence import saving
    from treino_local.rekognition import faces

    return {
        "ministack": treino_local.MINISTACK,
        "extension": treino_local.VERSION,
        "additions": list(additions),
        "faces": faces.available(),
        "functions": runtimes.health(),
        "chaos": faults.health(),
        "unsaved": saving.unsaved(),
    }


def behind_the_front(application: Any, additions: Sequence[str], secret: str) -> Any:
    """The ASGI application, which tells the front its health; where others reach its port, only the front may."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if secret and not hmac.compare_digest(headers.get(HEADER.encode(), b""), secret.encode()):
            await _send(send, 403, b"")
        elif scope["type"] == "http" and scope["path"] == "/_treino/health":
            await _send(send, 200, json.dumps(health(additions)).encode())
        else:
            scope = {**scope, "headers": [each for each in scope["headers"] if each[0] != HEADER.encode()]}
            await application(scope, receive, send)

    return answer


async def _send(send: Any, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def serve(additions: Sequence[str]) -> None:
    """Runs MiniStack until SIGTERM or the end of stdin, which is the front's, and then ends the process."""
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack import app

    from treino_local.chaos import faults
    from treino_local.iam import signatures
    from treino_local.persistence import saving

    config = Config()
    # What is only between the two processes is nothing to functions.
    config.bind = [os.environ.pop("TREINO_LOCAL_BACKEND")]
    os.environ.pop("TREINO_LOCAL_LOG", None)
    config.umask = 0o077
    config.backlog = 1024
    config.keep_alive_timeout = 75
    # A connection that ends between two requests is a request lost.
    config.keep_alive_max_requests = 1_000_000_000
    config.loglevel = app.LOG_LEVEL

    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    process.on_signals(ending.set)
    process.watch_stdin(lambda: loop.call_soon_threadsafe(ending.set))
    process.raise_file_limit()

    application = signatures.checked(saving.watched(faults.disturbed(app.app)))
    application = behind_the_front(application, additions, os.environ.pop("TREINO_LOCAL_BACKEND_SECRET", ""))
    # Hypercorn's own way to stop waits for connections and for functions under way; it is never asked to.
    serving = loop.create_task(hypercorn_serve(application, config, shutdown_trigger=asyncio.Event().wait))
    await asyncio.wait({serving, loop.create_task(ending.wait())}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        print(f"The local AWS cannot serve: {serving.exception()}", file=sys.stderr)
        process.leave(1)
    await process.close(app.app)
    process.leave(0)
