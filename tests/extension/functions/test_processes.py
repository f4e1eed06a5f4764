"""Processes: what a function starts ends with it, and none is left over."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from conftest import Local, alive, processes_of, until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="daemons are found by Linux's /proc")

# Starts a child, and a daemon that leaves its session and its parent, and tells their pids.
STARTS = """
import os, subprocess, sys, time
def handler(event, context):
    child = subprocess.Popen(["sleep", "1000"]).pid
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.setsid()
        daemon = os.fork()
        if daemon == 0:
            time.sleep(1000)
        os.write(writing, str(daemon).encode())
        os._exit(0)
    daemon = int(os.read(reading, 100))
    print("PIDS", os.getpid(), child, daemon)
    if event == "exit":
        os._exit(1)
    if event == "sleep":
        time.sleep(1000)
    return [os.getpid(), child, daemon]
"""


def pids_of(local: Local, name: str) -> list[int]:
    line = until(lambda: [message for message in local.messages(name) if message.startswith("PIDS")])[-1]
    return [int(number) for number in line.split()[1:]]


def none_alive(pids: list[int]) -> bool:
    return not any(map(alive, pids))


@pytest.mark.parametrize("event", ["exit", "sleep"])
def test_what_it_starts_ends_with_the_exit_and_the_time_out(local: Local, event: str) -> None:
    name = local.make(STARTS, Timeout=2)
    local.fail(name, event)
    pids = pids_of(local, name)
    assert len(pids) == 3
    until(lambda: none_alive(pids), 10)


def test_what_it_starts_ends_with_the_function(local: Local) -> None:
    name = local.make(STARTS)
    pids = local.call(name)
    assert all(map(alive, pids))
    local.functions.delete_function(FunctionName=name)
    until(lambda: none_alive(pids), 10)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_it_starts_ends_with_the_local_aws(another: Callable[..., Local], how: int) -> None:
    local = another()
    idle, busy = local.make(STARTS), local.make(STARTS, Timeout=600)
    pids = local.call(idle)
    threading.Thread(target=lambda: ended(local, busy), daemon=True).start()
    pids += pids_of(local, busy)
    assert all(map(alive, pids))
    local.end(how)
    until(lambda: none_alive(pids), 15)


def ended(local: Local, name: str) -> None:
    # The server goes in the midst of it.
    with contextlib.suppress(BotoCoreError, ClientError):
        local.raw(name, "sleep")


def test_it_cannot_end_the_local_aws_or_its_launcher(local: Local) -> None:
    if local.health()["functions"]["confinement"]["landlock"] < 6:
        pytest.skip("this kernel's Landlock knows no signals")
    name = local.make("""
import os, signal
def handler(event, context):
    tried = []
    for pid in (event, os.getppid()):
        try:
            os.kill(pid, signal.SIGTERM)
            tried.append("sent")
        except PermissionError:
            tried.append("refused")
    return tried
""")
    assert local.call(name, local.process.pid) == ["refused", "refused"]


def test_an_update_lets_what_is_under_way_finish(local: Local) -> None:
    name = local.make(
        "import time\ndef handler(event, context):\n    print('BEGUN')\n    time.sleep(event)\n    return 'old'"
    )
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(local.call, name, 3)
        until(lambda: "BEGUN\n" in local.messages(name))
        local.functions.update_function_configuration(FunctionName=name, Environment={"Variables": {"A": "1"}})
        assert under_way.result() == "old"
    assert local.call(name, 0) == "old"


def test_crowds_and_long_rows_leave_nothing(another: Callable[..., Local]) -> None:
    local = another(LAMBDA_WARM_TTL_SECONDS="2")
    name = local.make(
        "import os, time\ndef handler(event, context):\n    time.sleep(event)\n    return os.getpid()", Timeout=60
    )
    first = local.call(name, 0)
    base, threads = processes_of(local.process.pid), len(os.listdir(f"/proc/{local.process.pid}/task"))
    with ThreadPoolExecutor(50) as pool:
        assert len(set(pool.map(lambda _: local.call(name, 3), range(50)))) == 50
    until(lambda: processes_of(local.process.pid) == 0, 120)
    until(lambda: not list((local.folder / "tmp").glob("function-*")))
    for _ in range(100):
        local.call(name, 0)
    memory, files = local.memory(), len(os.listdir(f"/proc/{local.process.pid}/fd"))
    for _ in range(300):
        local.call(name, 0)
    assert local.memory() - memory < 30 * 1024 * 1024
    assert len(os.listdir(f"/proc/{local.process.pid}/fd")) <= files + 5
    assert processes_of(local.process.pid) <= base
    assert len(os.listdir(f"/proc/{local.process.pid}/task")) <= threads + 70  # MiniStack's own pool has 64.
    assert local.call(name, 0) != first


def test_time_alone_does_not_end_a_process_that_works(another: Callable[..., Local]) -> None:
    local = another(LAMBDA_WARM_TTL_SECONDS="1")
    name = local.make("import time\ndef handler(event, context): time.sleep(event); return 'done'", Timeout=60)
    began = time.monotonic()
    assert local.call(name, 8) == "done"
    assert time.monotonic() - began >= 8
    assert Path(f"/proc/{local.process.pid}").exists()
