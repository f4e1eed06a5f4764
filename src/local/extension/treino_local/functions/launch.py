"""Starts one function's process, confined, and ends with it whatever it started.

Run by file, with the standard library alone: `python -I -S launch.py`. The first line of stdin is the
plan, in JSON; the end of stdin (the local AWS ended, however it did) or SIGTERM ends everything. Output
of the function goes to stdout; the descriptor `plan["channel"]` is its alone.

On Linux this process is the subreaper of what the function starts, so that a daemon of its own session
is found too. Elsewhere only the process group is.
"""

import json
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import contextlib

if TYPE_CHECKING:
    from treino_local.functions import confine
else:
    import confine

# How long the last ones may take to go: SIGKILL is not refused, but a machine may be slow.
_PATIENCE_SECONDS = 10.0


def main() -> None:
    line = sys.stdin.buffer.raw.readline() if hasattr(sys.stdin.buffer, "raw") else sys.stdin.buffer.readline()
    plan: dict[str, Any] = json.loads(line)
    confine.no_core_files()
    confine.become_subreaper()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: None)
    child = os.fork()
    if child == 0:
        run(plan)
    os.close(plan["channel"])
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    status = wait(child, reading)
    end_all(child)
    if status is not None:
        leave_as(status)


def run(plan: dict[str, Any]) -> None:
    """In the function's own process: never returns."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        confine.apply(plan)
        os.chdir(plan["directory"])
        os.set_inheritable(plan["channel"], True)
        os.execve(plan["command"][0], plan["command"], plan["environment"])
    except BaseException as error:
        os.write(2, f"The function's process cannot be started: {error}\n".encode())
    os._exit(126)


def wait(child: int, reading: int) -> int | None:
    """How the function's process ended; None if it was to be ended."""
    while True:
        ready, _, _ = select.select([0, reading], [], [])
        if reading in ready and signal.SIGTERM in os.read(reading, 4096):
            return None
        if 0 in ready and not os.read(0, 4096):
            return None
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == child:
                return status
            if pid == 0:
                break


def end_all(child: int) -> None:
    """Ends every descendant, also those that are started meanwhile."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for pid in descendants(os.getpid()):
            kill(pid)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def descendants(root: int) -> list[int]:
    """By /proc; none where there is none."""
    children: dict[int, list[int]] = {}
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
    for name in names:
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                after_name = file.read().rsplit(b")", 1)[1].split()
        except (OSError, IndexError):
            continue
        children.setdefault(int(after_name[1]), []).append(int(name))
    found: list[int] = []
    waiting = [root]
    while waiting:
        for pid in children.get(waiting.pop(), []):
            found.append(pid)
            waiting.append(pid)
    return found


def leave_as(status: int) -> None:
    """Ends this process as the function's ended, so that who started it sees how."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 1)


if __name__ == "__main__":
    main()
