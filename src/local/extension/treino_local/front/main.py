"""The front's process: from its start to its end."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from treino_local import process
from treino_local.front import lock
from treino_local.front.backend import Backend, GaveUp, command
from treino_local.front.log import Log
from treino_local.front.server import Client


def main() -> None:
    process.prepare()
    try:
        held = lock.take(Path(os.environ["STATE_DIR"]).parent)
    except lock.Held as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"The local AWS cannot lock its data folder: {error}")
    process.make_secret()
    process.raise_file_limit()
    sys.exit(asyncio.run(_run(Log(os.environ.get("TREINO_LOCAL_LOG")), held)))


async def _run(log: Log, held: int | None) -> int:
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    process.on_signals(ending.set)
    if os.environ.pop("TREINO_LOCAL_WATCH_STDIN", "") == "1":
        process.watch_stdin(lambda: loop.call_soon_threadsafe(ending.set))
    backend = Backend(command(), log)
    address = os.environ["BIND_HOST"], int(os.environ["GATEWAY_PORT"])
    try:
        listening = await loop.create_server(
            lambda: Client(backend.connect, backend.health, backend.header),
            *address,
            backlog=1024,
        )
    except OSError as error:
        print(f"The local AWS cannot listen on {address[0]}:{address[1]}: {error}", file=sys.stderr)
        return 1
    living = asyncio.create_task(backend.run())
    stopping = asyncio.create_task(ending.wait())
    await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
    # Whoever waits for the end of this by its health is told when all has ended, and may start the next one then.
    await backend.end()
    lock.give_back(held)
    listening.close()
    try:
        await living
    except GaveUp as error:
        if str(error):
            log.say(str(error))
        return 1
    return 0
