"""The backend's process: started, watched, started again when it dies, ended with everything it has started."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from treino_local.front import family
from treino_local.front.log import Log

# How the backend says that it will not start however often it is tried; it has said why.
REFUSED = 78
# It is given up when it dies so often in so many seconds.
DEATHS, WITHIN = 3, 60.0
# What a clean end may take: saving above all.
ENDING = 7.0
HEADER = "x-treino-front"
# The longest path every system takes for a socket, in bytes: `sun_path` holds 104 on macOS, 108 on Linux.
SOCKET_PATH = 100


class GaveUp(Exception):
    """The backend does not stay alive."""


class Backend:
    """MiniStack with the additions, in a process of its own.

    It listens at a socket that only this user can open. Where there is none, or its path is too long for the system,
    it listens at a port of this machine, and answers only who knows a secret.
    """

    def __init__(self, command: list[str], log: Log) -> None:
        self._command, self._log = command, log
        self._folder = Path(tempfile.mkdtemp(prefix="front-"))
        self._socket = os.path.relpath(os.path.realpath(self._folder / "socket"))
        self._unix = (
            hasattr(asyncio.get_running_loop(), "create_unix_connection")
            and hasattr(os, "fork")
            and len(os.fsencode(self._socket)) <= SOCKET_PATH
        )
        self._port = 0
        self._secret = secrets.token_hex(16)
        self._process: asyncio.subprocess.Process | None = None
        self._ready = asyncio.Event()
        self._deaths: list[float] = []
        self._cached: dict[str, object] = {}
        self._ending = False
        self._was_ready = False
        family.adopt()

    @property
    def header(self) -> bytes:
        """What every request carries where the socket is open to all of this machine."""
        return b"" if self._unix else f"{HEADER}: {self._secret}".encode()

    async def run(self) -> None:
        """Keeps it running until `end` is called."""
        while not self._ending:
            began = time.monotonic()
            code = await self._live()
            if self._ending:
                return
            if code == REFUSED or not self._was_ready:
                raise GaveUp("")
            self._log.say(f"the backend died ({_named(code)}) and is started again from what it had written down")
            self._deaths = [each for each in self._deaths if each > began - WITHIN] + [time.monotonic()]
            if len(self._deaths) >= DEATHS:
                raise GaveUp(
                    f"The local AWS died {DEATHS} times in {WITHIN:.0f} s ({_named(code)}) and is given up. "
                    "Its data is kept; `treino local down` deletes it."
                )

    async def _live(self) -> int:
        environment = dict(os.environ)
        if self._unix:
            environment["TREINO_LOCAL_BACKEND"] = f"unix:{self._socket}"
        else:
            self._port = _free_port()
            environment["TREINO_LOCAL_BACKEND"] = f"127.0.0.1:{self._port}"
            environment["TREINO_LOCAL_BACKEND_SECRET"] = self._secret
        # Its stdin ends with this process, however that ends, and it ends then. Pipes of our own, as asyncio would
        # wait for whatever else holds one.
        stdin, life = os.pipe()
        output, stdout = os.pipe()
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=stdin,
                stdout=stdout,
                stderr=subprocess.STDOUT,
                env=environment,
            )
            os.close(stdin)
            os.close(stdout)
            reading = asyncio.create_task(asyncio.to_thread(self._read, output))
            looking = asyncio.create_task(self._look())
            code = await process.wait()
            looking.cancel()
            self._ready.clear()
            # What it left would hold the pipe.
            family.end_children()
            await asyncio.wait({reading}, timeout=1.0)
        finally:
            os.close(life)
        return code

    def _read(self, output: int) -> None:
        with os.fdopen(output, "rb", buffering=0) as file:
            while data := file.read(65536):
                self._log.write(data)

    async def _look(self) -> None:
        while not self._ready.is_set():
            if await self._ask(5.0):
                self._was_ready = True
                self._ready.set()
            else:
                await asyncio.sleep(0.02)

    async def connect(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """A connection to it, once it is ready."""
        loop = asyncio.get_running_loop()
        while True:
            await self._ready.wait()
            try:
                if self._unix:
                    transport, _ = await loop.create_unix_connection(lambda: protocol, sock=await self._connected())
                else:
                    transport, _ = await loop.create_connection(lambda: protocol, "127.0.0.1", self._port)
            except OSError:
                # It has just died, which is seen in a moment.
                await asyncio.sleep(0.05)
                continue
            assert isinstance(transport, asyncio.Transport)
            return transport

    async def _connected(self) -> socket.socket:
        """A socket that is connected. Where many wait to be taken, Linux says so by an error asyncio takes for none."""
        while True:
            connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connected.setblocking(False)
            try:
                connected.connect(self._socket)
            except BlockingIOError:
                connected.close()
                await asyncio.sleep(0.005)
            except OSError:
                connected.close()
                raise
            else:
                return connected

    async def health(self) -> dict[str, object]:
        """What is known of it, without waiting for it long: it may be busy."""
        if self._ready.is_set():
            await self._ask(0.2)
        state = "ready" if self._ready.is_set() else "gone" if self._was_ready else "starting"
        return {"unsaved": None, **self._cached, "pid": os.getpid(), "backend": state}

    async def _ask(self, seconds: float) -> bool:
        try:
            told = await asyncio.wait_for(self._asked(), seconds)
        except (OSError, ValueError, asyncio.TimeoutError, EOFError):
            return False
        self._cached = told
        return True

    async def _asked(self) -> dict[str, object]:
        if self._unix:
            reader, writer = await asyncio.open_unix_connection(sock=await self._connected())
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            extra = f"{self.header.decode()}\r\n" if self.header else ""
            request = f"GET /_treino/health HTTP/1.1\r\nHost: localhost\r\n{extra}Connection: close\r\n\r\n"
            writer.write(request.encode())
            answer = await reader.read()
        finally:
            writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        if b" 200" not in head[:16]:
            raise ValueError("no health")
        told = json.loads(body)
        return told if isinstance(told, dict) else {}

    async def end(self) -> None:
        """Ends it and what it has started; what is to be kept was kept."""
        self._ending = True
        process = self._process
        if process and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), ENDING)
            except asyncio.TimeoutError:
                self._log.say("the backend does not end and is killed")
                process.kill()
                await process.wait()
        family.end_children()
        shutil.rmtree(self._folder, ignore_errors=True)


def command() -> list[str]:
    return [sys.executable, str(Path(sys.argv[0]).resolve()), "--backend"]


def _named(code: int) -> str:
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            pass
    return f"exit code {code}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert isinstance(port, int)
    return port
