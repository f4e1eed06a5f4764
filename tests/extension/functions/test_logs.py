"""The log of a function: AWS's lines, dated when they are printed, a stream for each process."""

import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor

from functions_support import MEET, Local, Meeting

REPORT = re.compile(
    r"REPORT RequestId: [0-9a-f-]{36}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\t"
    r"Max Memory Used: \d+ MB\t(Init Duration: \d+\.\d\d ms\t)?\n"
)


def test_the_lines_of_two_invocations(local: Local) -> None:
    name = local.make("print('loading')\ndef handler(event, context):\n    print('one')\n    print('two', end='')")
    for _ in range(2):
        local.call(name)
    messages = local.messages(name)
    kinds = [re.sub(r"[0-9a-f-]{36}.*", "ID", message.rstrip("\n"), flags=re.DOTALL) for message in messages]
    started, ended, reported = "START RequestId: ID", "END RequestId: ID", "REPORT RequestId: ID"
    assert kinds == ["loading", *[started, "one", "two", ended, reported] * 2]
    reports = [message for message in messages if message.startswith("REPORT")]
    assert all(map(REPORT.fullmatch, reports))
    assert ["Init Duration" in report for report in reports] == [True, False]


def test_lines_are_dated_when_they_are_printed(local: Local) -> None:
    name = local.make("import time\ndef handler(event, context):\n    print('a')\n    time.sleep(1.5)\n    print('b')")
    local.call(name)
    at = {event["message"]: event["timestamp"] for event in local.events(name)}
    assert at["b\n"] - at["a\n"] >= 1400


def test_a_traceback_and_a_record_are_one_event_each(local: Local) -> None:
    name = local.make("""
import logging
def handler(event, context):
    logging.getLogger().warning("careful\\nsecond line")
    logging.getLogger().info("not shown")
    {}["x"]
""")
    request = local.fail(name)["requestId"]
    messages = local.messages(name)
    record, error = messages[1], messages[2]
    assert re.fullmatch(
        rf"\[WARNING\]\t\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{request}\tcareful\nsecond line\n", record
    )
    assert error.replace("\u00a0", " ") == (
        "[ERROR] KeyError: 'x'\nTraceback (most recent call last):\n"
        '  File "/var/task/app.py", line 6, in handler\n    {}["x"]\n'
    )


def test_the_log_in_json(local: Local) -> None:
    name = local.make(
        """
import logging
logging.getLogger().setLevel("INFO")
def handler(event, context):
    logging.getLogger("mine").info("hello %s", "you", extra={"more": 1})
    1 / 0
""",
        LoggingConfig={"LogFormat": "JSON"},
    )
    request = local.fail(name)["requestId"]
    record, error = (json.loads(message) for message in local.messages(name) if message.startswith("{"))
    assert record.pop("timestamp")
    assert record == {
        "level": "INFO",
        "message": "hello you",
        "logger": "mine",
        "requestId": request,
        "more": 1,
    }
    assert (error["level"], error["errorType"], error["errorMessage"]) == (
        "ERROR",
        "ZeroDivisionError",
        "division by zero",
    )


def test_each_process_has_a_stream(local: Local) -> None:
    name = local.make(MEET + "def handler(event, context): meet(event); return context.log_stream_name")
    with ThreadPoolExecutor(2) as pool, Meeting(2) as meeting:
        calls = [pool.submit(local.call, name, meeting.port) for _ in range(2)]
        meeting.let_go()
        told = {call.result() for call in calls}
    streams = local.logs.describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    assert {stream["logStreamName"] for stream in streams} == told
    assert len(told) == 2
    assert all(re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream) for stream in told)


def test_the_tail_of_the_log_comes_with_the_answer(local: Local) -> None:
    name = local.make("def handler(event, context): print('x' * event)")
    for length in (5, 10_000):
        answer = local.functions.invoke(FunctionName=name, LogType="Tail", Payload=str(length))
        tail = base64.b64decode(answer["LogResult"]).decode()
        assert len(tail) <= 4096
        assert "x" * 5 in tail
        assert "REPORT RequestId" in tail
