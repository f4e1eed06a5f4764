"""One process of a function, and the conversation with it.

It takes the place of MiniStack's Worker in MiniStack's pool, which reads `in_use`, `last_used`, `_proc` and
calls `_spawn` and `_discard_tmpdir`. The thread that invokes does all of the work: it writes the event, reads
the answer and the output, and watches time and memory. No thread is left when it returns.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from treino_local.functions import environment, folders, logs, runtimes

# AWS's, for loading the code; a second try has the function's own time-out.
INIT_SECONDS = 10.0
# The largest answer, in bytes.
MOST_OF_ANSWER = 6_291_556
_LAUNCH = os.path.join(runtimes.FOLDER, "launch.py")
_MEMORY_EVERY_SECONDS = 0.1
_CHUNK = 65536

# A crowd of cold starts would have each of them time out.
_starting = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))
_WAIT_TO_START_SECONDS = 30.0


class Ended(Exception):
    """The process ended by itself, with this return code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class TimedOut(Exception):
    pass


class OutOfMemory(Exception):
    pass


class AnswerTooLarge(Exception):
    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class InitFailed(Exception):
    """The code could not be loaded: the error, as the function's process tells it."""

    def __init__(self, error: bytes) -> None:
        super().__init__(error)
        self.error = error


class Worker:
    def __init__(self, func_name: str, config: dict[str, Any], code_zip: bytes) -> None:
        self.func_name = func_name
        self.config = config
        self.code_zip = code_zip
        self.in_use = False
        self.last_used = time.time()
        self.doomed = False
        self.stream = logs.Stream(config)
        self.init_seconds = 0.0
        self.memory = 0
        self._output = logs.Output()
        self._lock = threading.Lock()
        self._cold = True
        self._proc: subprocess.Popen[bytes] | None = None
        self._code: folders.Code | None = None
        self._folder: str | None = None
        self._channel: socket.socket | None = None
        self._log = -1
        self._received = bytearray()

    @property
    def running(self) -> bool:
        """Whether it can take an invocation: it is there, and has not closed its end."""
        if self._proc is None or self._channel is None or self._proc.poll() is not None:
            return False
        try:
            return bool(self._channel.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def _spawn(self, on_events: Callable[[list[logs.Event]], None] | None = None) -> None:
        """Starts the process and loads the code."""
        write = on_events or self.stream.write
        limits = (INIT_SECONDS, max(INIT_SECONDS, float(self.config.get("Timeout", 3))))
        for number, limit in enumerate(limits):
            waited = _starting.acquire(timeout=_WAIT_TO_START_SECONDS)
            try:
                self._start()
                began = time.monotonic()
                header, body = self._exchange(b"", began + limit, write)
                self.init_seconds = time.monotonic() - began
            except TimedOut:
                self.end()
                if number:
                    raise
                continue
            except BaseException:
                self.end()
                raise
            finally:
                if waited:
                    _starting.release()
            if header["kind"] != "ready":
                self.end()
                raise InitFailed(body)
            return

    def _start(self) -> None:
        self.end()
        self.memory = 0
        self.stream = logs.Stream(self.config)
        runtime = str(self.config.get("Runtime", ""))
        interpreter = runtimes.python() if runtime.startswith("python") else runtimes.node()
        confinement = runtimes.confinement()
        self._code = code = folders.Code(self.config, self.code_zip)
        self._folder = folder = folders.of_process()
        private = confinement["tmp"] == "private"
        places = {
            "bin": os.path.dirname(interpreter.executable),
            "task": code.task,
            "opt": code.opt,
            "home": os.path.join(folder, "home"),
            "tmp": "/tmp" if private else os.path.join(folder, "tmp"),
        }
        self._channel, theirs = socket.socketpair()
        self._log, log_end = os.pipe()
        memory = int(self.config.get("MemorySize", 128))
        if runtime.startswith("python"):
            command = [interpreter.executable, "-I", "-B", os.path.join(runtimes.FOLDER, "bootstrap.py")]
        else:
            heap = f"--max-old-space-size={memory * 9 // 10}"
            command = [interpreter.executable, heap, os.path.join(runtimes.FOLDER, "bootstrap.js")]
        plan = {
            "channel": theirs.fileno(),
            "command": [*command, str(theirs.fileno())],
            "directory": code.task,
            "environment": environment.of(self.config, places, self.stream.name),
            "tmp": os.path.join(folder, "tmp"),
            "landlock": bool(confinement["landlock"]),
            "readable": [
                *interpreter.paths,
                command[-1],
                os.path.join(runtimes.FOLDER, "response_stream.js"),
                code.root,
                *([os.path.realpath(code.modules)] if code.modules else []),
            ],
            "writable": [os.path.join(folder, "home"), os.path.join(folder, "tmp")],
        }
        try:
            self._proc = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", _LAUNCH],
                stdin=subprocess.PIPE,
                stdout=log_end,
                stderr=log_end,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                cwd="/",
                env={"PATH": os.defpath},
            )
        finally:
            theirs.close()
            os.close(log_end)
        self._channel.setblocking(False)
        os.set_blocking(self._log, False)
        assert self._proc.stdin is not None
        try:
            self._proc.stdin.write(json.dumps(plan).encode() + b"\n")
            self._proc.stdin.flush()
        except BrokenPipeError:
            pass  # It has ended; the exchange finds how.

    def invoke(
        self, header: dict[str, Any], event: bytes, deadline: float, on_events: Callable[[list[logs.Event]], None]
    ) -> tuple[dict[str, Any], bytes]:
        """The header and the body of the answer. Whatever it raises, the process has ended."""
        self._output.begin()
        head = json.dumps({**header, "size": len(event)}).encode()
        try:
            answer = self._exchange(struct.pack(">I", len(head)) + head + event, deadline, on_events)
        except BaseException:
            self.end()
            raise
        if answer[0].get("leaving"):
            self.end()
        return answer

    def _exchange(
        self, sending: bytes, deadline: float, on_events: Callable[[list[logs.Event]], None]
    ) -> tuple[dict[str, Any], bytes]:
        channel, to_send = self._channel, memoryview(sending)
        assert channel is not None
        limit = int(self.config.get("MemorySize", 128)) * 1024 * 1024
        look_at_memory = 0.0
        log_open = True
        with selectors.DefaultSelector() as selector:
            selector.register(channel, selectors.EVENT_READ | (selectors.EVENT_WRITE if to_send else 0))
            selector.register(self._log, selectors.EVENT_READ)
            while True:
                moment = time.monotonic()
                if moment >= deadline:
                    raise TimedOut
                if moment >= look_at_memory:
                    look_at_memory = moment + _MEMORY_EVERY_SECONDS
                    self._watch_memory(limit)
                for key, mask in selector.select(min(_MEMORY_EVERY_SECONDS, deadline - moment)):
                    if key.fileobj is not channel:
                        data = self._read_log()
                        if data == b"" and log_open:
                            log_open = False
                            selector.unregister(self._log)
                        on_events(self._output.feed(data or b""))
                        continue
                    if mask & selectors.EVENT_WRITE:
                        to_send = self._send(to_send)
                        if not to_send:
                            selector.modify(channel, selectors.EVENT_READ)
                    if mask & selectors.EVENT_READ:
                        self._receive(on_events)
                        answer = self._answer()
                        if answer is not None:
                            self._drain(on_events)
                            self.memory = max(self.memory, answer[0]["memory"])
                            return answer

    def _send(self, waiting: memoryview) -> memoryview:
        assert self._channel is not None
        try:
            return waiting[self._channel.send(waiting[:_CHUNK]) :]
        except BlockingIOError:
            return waiting
        except (BrokenPipeError, ConnectionResetError):
            return waiting[:0]

    def _receive(self, on_events: Callable[[list[logs.Event]], None]) -> None:
        assert self._channel is not None
        assert self._proc is not None
        try:
            data = self._channel.recv(_CHUNK)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        if data:
            self._received += data
            return
        try:
            code = self._proc.wait(timeout=15)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        self._drain(on_events)
        raise Ended(code)

    def _answer(self) -> tuple[dict[str, Any], bytes] | None:
        """What has been received, once it is complete."""
        received = self._received
        if len(received) < 4:
            return None
        start = 4 + struct.unpack(">I", received[:4])[0]
        if start > _CHUNK:
            raise Ended(1)  # Something else than the bootstrap has written here.
        if len(received) < start:
            return None
        try:
            header: dict[str, Any] = json.loads(received[4:start])
            size, _, _ = int(header["size"]), header["kind"], int(header["memory"])
        except (ValueError, KeyError, TypeError):
            raise Ended(1) from None
        if size > MOST_OF_ANSWER:
            raise AnswerTooLarge(size)
        if len(received) < start + size:
            return None
        body = bytes(received[start : start + size])
        del received[: start + size]
        return header, body

    def _read_log(self) -> bytes | None:
        try:
            return os.read(self._log, _CHUNK)
        except BlockingIOError:
            return None

    def _drain(self, on_events: Callable[[list[logs.Event]], None]) -> None:
        """What was printed before the answer is in the pipe by now."""
        for _ in range(64):
            data = self._read_log()
            if not data:
                break
            on_events(self._output.feed(data))
        on_events(self._output.rest())

    def _watch_memory(self, limit: int) -> None:
        assert self._proc is not None
        for pid in logs.children(self._proc.pid):
            self.memory = max(self.memory, logs.peak_memory(pid))
            if logs.memory(pid) > limit:
                raise OutOfMemory

    def end(self) -> None:
        """Ends the process and all it has started, and removes what it had on disk."""
        end_all([self])

    def _discard_tmpdir(self) -> None:
        if self._channel is not None:
            self._channel.close()
            os.close(self._log)
            self._channel, self._log = None, -1
        if self._folder is not None:
            folders.remove(self._folder)
            self._folder = None
        if self._code is not None:
            self._code.release()
            self._code = None
        self._received = bytearray()
        self._output = logs.Output()
        self._cold = True

    def kill(self) -> None:
        self.end()


def end_all(workers: list[Worker]) -> None:
    """All at once: each one's launcher ends what the function started, when its stdin ends."""
    ending = []
    for worker in workers:
        process, worker._proc = worker._proc, None
        if process is not None:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            ending.append(process)
    deadline = time.monotonic() + 10
    for process in ending:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for worker in workers:
        worker._discard_tmpdir()
