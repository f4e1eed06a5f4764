"""Sizes, time, memory and output have limits."""

import time

import pytest
from botocore.exceptions import ClientError
from functions_support import Local
from processes import wait_for

_MB = 1024 * 1024


@pytest.mark.parametrize(
    ("kind", "limit", "message"),
    [
        ("RequestResponse", 6 * _MB, "Request must be smaller than 6291456 bytes for the InvokeFunction operation"),
        ("Event", _MB, "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)"),
    ],
)
def test_a_payload_that_is_too_large_is_refused(local: Local, kind: str, limit: int, message: str) -> None:
    name = local.make("def handler(event, context): return len(event)")
    local.functions.invoke(FunctionName=name, InvocationType=kind, Payload='"' + "x" * (limit - 2) + '"')
    with pytest.raises(ClientError) as refused:
        local.functions.invoke(FunctionName=name, InvocationType=kind, Payload='"' + "x" * (limit - 1) + '"')
    assert refused.value.response["Error"] == {"Code": "RequestEntityTooLargeException", "Message": message}
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_a_payload_that_is_no_json_is_refused(local: Local) -> None:
    name = local.make("def handler(event, context): return event")
    with pytest.raises(ClientError) as refused:
        local.functions.invoke(FunctionName=name, Payload="{no json")
    assert refused.value.response["Error"]["Code"] == "InvalidRequestContentException"


def test_an_answer_that_is_too_large_is_an_error(local: Local) -> None:
    name = local.make("def handler(event, context): return 'x' * (event - 2)")
    assert local.raw(name, 6_291_556)[0] is None
    assert local.fail(name, 6_291_557) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert local.call(name, 10) == "x" * 8


@pytest.mark.parametrize(
    "body",
    [
        "time.sleep(60)",
        "while True: pass",
        "while True: print('x' * 10000)",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
        "os.kill(os.getpid(), signal.SIGSTOP)",
    ],
)
def test_it_is_ended_at_its_time_out(local: Local, body: str) -> None:
    name = local.make(
        f"import os, signal, time\ndef handler(event, context):\n    if not event: return\n    {body}\n", Timeout=1
    )
    local.call(name)
    error = local.fail(name, 1)
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].endswith(" Error: Task timed out after 1.00 seconds")
    report = [line for line in local.messages(name) if line.startswith("REPORT")][-1]
    assert "\tDuration: 1000.00 ms\t" in report
    assert "\tStatus: timeout\t" in report
    assert local.call(name) is None


def test_a_flood_is_cut_and_the_local_aws_stays_small(local: Local) -> None:
    name = local.make(
        """
def handler(event, context):
    for _ in range(event):
        print("x" * 1023)
    print("the last")
    return "done"
""",
        Timeout=60,
    )
    local.call(name, 1)
    before = local.memory()
    assert local.call(name, 300 * 1024) == "done"
    assert local.memory() - before < 100 * _MB
    messages = local.messages(name)
    assert sum(map(len, messages)) < 5 * _MB
    assert any("more than 4 MB in one invocation" in message for message in messages)
    assert messages[-1].startswith("REPORT")
    # Only that invocation.
    local.call(name, 1)
    assert "the last\n" in local.messages(name)[-3:]
    assert (local.folder / "log").stat().st_size < 10 * _MB


def test_a_line_without_end_becomes_events_that_cloudwatch_takes(local: Local) -> None:
    name = local.make("def handler(event, context): print('y' * 600_000)")
    local.call(name)
    lengths = [len(message.rstrip("\n")) for message in local.messages(name) if message.startswith("y")]
    assert sum(lengths) == 600_000
    assert max(lengths) <= 256 * 1024


@pytest.mark.parametrize(
    "code",
    [
        "def handler(event, context): return len(b'x' * (event * 1024 * 1024))",
        """import subprocess, sys
def handler(event, context):
    return subprocess.run([sys.executable, "-c", f"import time; x = b'x' * ({event} << 20); time.sleep(2)"]).returncode
""",
    ],
)
def test_more_memory_than_it_has_ends_it(local: Local, code: str) -> None:
    name = local.make(code, MemorySize=128)
    local.call(name, 10)
    error = local.fail(name, 1000)
    assert error["errorType"] == "Runtime.OutOfMemory"
    assert error["errorMessage"].endswith(" Error: Runtime exited with error: signal: killed")
    report = [line for line in local.messages(name) if line.startswith("REPORT")][-1]
    assert "\tMax Memory Used: 128 MB\t" in report
    assert "Error Type: Runtime.OutOfMemory" in report


def test_loading_is_not_part_of_the_time_out(local: Local) -> None:
    name = local.make("import time\ntime.sleep(2)\ndef handler(event, context): return 1", Timeout=1)
    assert local.call(name) == 1
    report = next(line for line in local.messages(name) if line.startswith("REPORT"))
    assert float(report.split("Init Duration: ")[1].split(" ")[0]) >= 2000


def test_events_are_tried_three_times(local: Local) -> None:
    name = local.make("def handler(event, context): raise ValueError(event)")
    local.functions.invoke(FunctionName=name, InvocationType="Event", Payload="1")
    wait_for(lambda: sum(message.startswith("END") for message in local.messages(name)) == 3)
    time.sleep(1)
    assert sum(message.startswith("START") for message in local.messages(name)) == 3
