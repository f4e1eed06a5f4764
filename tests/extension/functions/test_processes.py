"""Processes: what a function starts ends with it, and none is left over."""

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from functions_support import MEET, Local, Meeting, processes_of
from processes import gone, kill, wait_for

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
    line = wait_for(lambda: [message for message in local.messages(name) if message.startswith("PIDS")])[-1]
    return [int(number) for number in line.split()[1:]]


def all_gone(pids: list[int]) -> bool:
    return all(map(gone, pids))


@pytest.mark.parametrize("event", ["exit", "sleep"])
def test_what_it_starts_ends_with_the_exit_and_the_time_out(local: Local, event: str) -> None:
    name = local.make(STARTS, Timeout=2)
    local.fail(name, event)
    pids = pids_of(local, name)
    assert len(pids) == 3
    wait_for(lambda: all_gone(pids))


def test_what_it_starts_ends_with_the_function(local: Local) -> None:
    name = local.make(STARTS)
    pids = local.call(name)
    assert not any(map(gone, pids))
    local.functions.delete_function(FunctionName=name)
    wait_for(lambda: all_gone(pids))


@pytest.mark.parametrize("how", ["front killed", "backend killed", "terminated"])
def test_what_it_starts_ends_with_the_local_aws(another: Callable[..., Local], how: str) -> None:
    local = another()
    idle, busy = local.make(STARTS), local.make(STARTS, Timeout=600)
    pids = local.call(idle)
    threading.Thread(target=lambda: ended(local, busy), daemon=True).start()
    pids += pids_of(local, busy)
    assert not any(map(gone, pids))
    if how == "terminated":
        local.terminate()
    elif how == "front killed":
        local.kill()
    else:
        kill(local.backend)
    wait_for(lambda: all_gone(pids))


def ended(local: Local, name: str) -> None:
    # The server goes in the midst of it.
    with contextlib.suppress(BotoCoreError, ClientError):
        local.raw(name, "sleep")


def test_it_cannot_end_the_local_aws_or_its_launcher(local: Local) -> None:
    if local.wait()["functions"]["confinement"]["landlock"] < 6:
        pytest.skip("this kernel's Landlock knows no signals")
    name = local.make("""
import os, signal
def handler(event, context):
    tried = []
    for pid in (*event, os.getppid()):
        try:
            os.kill(pid, signal.SIGTERM)
            tried.append("sent")
        except PermissionError:
            tried.append("refused")
    return tried
""")
    assert local.call(name, [local.front, local.backend]) == ["refused"] * 3


def test_an_update_lets_what_is_under_way_finish(local: Local) -> None:
    name = local.make(
        MEET
        + "import os\ndef handler(event, context):\n    if event: meet(event)\n    return os.environ.get('A', 'old')"
    )
    with ThreadPoolExecutor(1) as pool, Meeting(1) as meeting:
        under_way = pool.submit(local.call, name, meeting.port)
        with meeting.there():
            local.functions.update_function_configuration(FunctionName=name, Environment={"Variables": {"A": "new"}})
        assert under_way.result() == "old"
    assert local.call(name) == "new"


def test_what_is_idle_ends_and_what_works_does_not(another: Callable[..., Local]) -> None:
    local = another(LAMBDA_WARM_TTL_SECONDS="1")
    code = MEET + "import os\ndef handler(event, context):\n    if event: meet(event)\n    return os.getpid()"
    name, busy = local.make(code, Timeout=300), local.make(code, Timeout=300)
    with ThreadPoolExecutor(21) as pool, Meeting(1) as lasting, Meeting(20) as meeting:
        under_way = pool.submit(local.call, busy, lasting.port)
        with lasting.there():
            crowd = [pool.submit(local.call, name, meeting.port) for _ in range(20)]
            meeting.let_go()
            pids = {call.result() for call in crowd}
            assert len(pids) == 20
            wait_for(lambda: all_gone(list(pids)))
            # What works: its launcher and itself, its folder and its code.
            wait_for(lambda: processes_of(local.backend) == 2)
            wait_for(lambda: len(list((local.folder / "tmpdir").glob("function-*"))) == 2)
        assert under_way.result() not in pids


def test_long_rows_leave_nothing(another: Callable[..., Local]) -> None:
    local = another()
    name = local.make("def handler(event, context): pass")
    for _ in range(100):
        local.call(name)
    server = local.backend

    def taken() -> list[int]:
        return [len(os.listdir(f"/proc/{server}/{kind}")) for kind in ("fd", "task")] + [processes_of(server)]

    before, memory = taken(), local.memory()
    for _ in range(300):
        local.call(name)
    assert local.memory() - memory < 30 * 1024 * 1024
    files, threads, processes = (now - then for now, then in zip(taken(), before, strict=True))
    assert files <= 5
    assert threads <= 64  # MiniStack's own pool.
    assert processes == 0
