"""How executions are interrupted, time out and end, and that nothing of them is left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from interpreter import Services, kinds, made, output, previous, ran
from treino_local.step_functions import callbacks
from treino_local.step_functions.errors import StateError
from treino_local.step_functions.execution import Execution
from treino_local.step_functions.retries import delay
from treino_local.step_functions.scopes import Scope
from treino_local.step_functions.services import Call

TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}}
FOREVER = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 99_999_999, "End": True}}}


def awake() -> Services:
    """Services in which a second is a second."""
    services = Services()
    services.scale = 1
    return services


def started(execution: Execution) -> threading.Thread:
    thread = threading.Thread(target=execution.run)
    thread.start()
    return thread


def until(true: Callable[[], Any]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def settled(before: int) -> None:
    """No more threads than before."""
    until(lambda: threading.active_count() <= before)


def test_a_stopped_execution_stops_with_all_that_is_in_it() -> None:
    before = threading.active_count()
    branch = {
        "StartAt": "M",
        "States": {
            "M": {"Type": "Map", "ItemProcessor": FOREVER, "End": True},
        },
    }
    parallel = {"Type": "Parallel", "Branches": [FOREVER, branch], "End": True}
    execution = made({"StartAt": "P", "States": {"P": parallel}}, "[1,2,3]", awake())
    thread = started(execution)
    until(lambda: kinds(execution).count("WaitStateEntered") == 4)
    execution.stop("Mine", "enough")
    thread.join(20)
    record = execution.record
    assert (record["status"], record["error"], record["cause"]) == ("ABORTED", "Mine", "enough")
    assert kinds(execution)[-1] == "ExecutionAborted"
    assert previous(execution)[-1] == 0
    assert record["events"][-1]["executionAbortedEventDetails"] == {"error": "Mine", "cause": "enough"}
    settled(before)


def test_a_machine_times_out_whatever_it_does() -> None:
    before = threading.active_count()
    release = threading.Event()
    services = Services(call=lambda call: release.wait(20))
    services.scale = 1
    for machine in (FOREVER, {"StartAt": "T", "States": {"T": {**TASK, "End": True}}}):
        execution = made({**machine, "TimeoutSeconds": 1}, "{}", services)
        started(execution)
        record = execution.record
        while record["status"] == "RUNNING":
            time.sleep(0.005)
        assert (record["status"], record.get("error")) == ("TIMED_OUT", None)
        last = record["events"][-1]
        assert (last["type"], last["previousEventId"]) == ("ExecutionTimedOut", 0)
    release.set()
    settled(before)


def test_a_task_times_out_and_is_caught() -> None:
    before = threading.active_count()
    release = threading.Event()
    services = Services(call=lambda call: release.wait(20))
    task = {**TASK, "TimeoutSeconds": 1, "Next": "C", "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "C"}]}
    machine = {"StartAt": "T", "States": {"T": task, "C": {"Type": "Pass", "End": True}}}
    execution = ran(machine, {}, services)
    assert output(execution) == {"Error": "States.Timeout", "Cause": ""}
    assert kinds(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskTimedOut", "TaskStateExited"]
    assert execution.record["events"][2]["taskScheduledEventDetails"]["timeoutInSeconds"] == 1
    release.set()
    settled(before)


def test_a_heartbeat_that_does_not_come_is_a_time_out() -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "HeartbeatSeconds": 1,
        "Parameters": {"T.$": "$$.Task.Token"},
        "Next": "C",
    }
    for caught in ("States.HeartbeatTimeout", "States.Timeout", "States.ALL"):
        states = {"T": {**task, "Catch": [{"ErrorEquals": [caught], "Next": "C"}]}, "C": {"Type": "Pass", "End": True}}
        execution = ran({"StartAt": "T", "States": states}, {}, Services(call=lambda call: {}))
        assert output(execution)["Error"] == "States.Timeout"
        assert "TaskTimedOut" in kinds(execution)


def test_a_heartbeat_that_comes_puts_the_end_off_until_the_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    callback = callbacks.Callback()

    class Worker(Scope):
        beats = 5

        def wait(self, event: threading.Event, seconds: float | None = None) -> bool:
            nonlocal clock
            assert seconds is not None
            if self.beats:
                self.beats -= 1
                clock += seconds * 0.9
                callback["heartbeat"] = "now"
            else:
                clock += seconds
            return False

    with pytest.raises(StateError) as raised:
        callback.wait(Worker(), 100, 10)
    assert (clock, raised.value.error, raised.value.also) == (55, "States.Timeout", ("States.HeartbeatTimeout",))
    clock = 0.0
    callback = callbacks.Callback()
    Worker.beats = 50
    with pytest.raises(StateError) as raised:
        callback.wait(Worker(), 30, 10)
    assert (clock, raised.value.error, raised.value.also) == (30, "States.Timeout", ())


def test_a_branch_that_fails_interrupts_the_others() -> None:
    before = threading.active_count()
    boom = {
        "StartAt": "W",
        "States": {
            "W": {"Type": "Wait", "Seconds": 1, "Next": "F"},
            "F": {"Type": "Fail", "Error": "E"},
        },
    }
    parallel = {"Type": "Parallel", "Branches": [boom, FOREVER], "End": True}
    execution = ran({"StartAt": "P", "States": {"P": parallel}}, {}, awake())
    assert execution.record["error"] == "E"
    # The other's state is recorded as interrupted, and follows from what failed.
    assert kinds(execution)[-3:] == ["WaitStateAborted", "ParallelStateFailed", "ExecutionFailed"]
    failed = next(event["id"] for event in execution.record["events"] if event["type"] == "FailStateEntered")
    assert previous(execution)[-3:-1] == [failed, failed]
    settled(before)


def test_iterations_that_are_interrupted_are_recorded() -> None:
    def call(call: Call) -> Any:
        if call.arguments["i"] == 1:
            raise StateError("E", "c")
        call.scope.sleep(20)

    selector = {"FunctionName": "f", "i.$": "$"}
    inner = {"StartAt": "T", "States": {"T": {**TASK, "Parameters": selector, "End": True}}}
    execution = ran(
        {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": inner, "End": True}}},
        [0, 1, 2],
        Services(call=call),
    )
    assert (execution.record["error"], execution.record["cause"]) == ("E", "c")
    found = kinds(execution)
    failed = found.index("TaskFailed") + 1
    assert [kind for kind in found if "Abort" in kind or kind.startswith("MapIterationF")] == [
        "MapIterationFailed",
        "TaskStateAborted",
        "MapIterationAborted",
        "TaskStateAborted",
        "MapIterationAborted",
        "TaskStateAborted",
    ]
    after = [event for event in execution.record["events"] if "Aborted" in event["type"]]
    assert {event["previousEventId"] for event in after} == {failed}
    assert found[-2:] == ["MapStateFailed", "ExecutionFailed"]


def test_so_many_iterations_at_a_time() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def call(call: Call) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    inner = {"StartAt": "T", "States": {"T": {**TASK, "End": True}}}
    for limit, distributed in ((3, False), (3, True), (1, False)):
        most = 0
        mode = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}} if distributed else {}
        state = {"Type": "Map", "MaxConcurrency": limit, "ItemProcessor": {**mode, **inner}, "End": True}
        output(ran({"StartAt": "M", "States": {"M": state}}, list(range(20)), Services(call=call)))
        assert most == limit


def test_many_executions_at_once_leave_no_thread() -> None:
    before = threading.active_count()
    branch = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    parallel = {"Type": "Parallel", "Branches": [branch, branch, branch], "Next": "W"}
    machine = {
        "TimeoutSeconds": 60,
        "StartAt": "P",
        "States": {
            "P": parallel,
            "W": {"Type": "Wait", "Seconds": 1, "End": True},
        },
    }
    executions = [made(machine, "{}", awake()) for _ in range(50)]
    for thread in [started(each) for each in executions]:
        thread.join(60)
    assert all(output(each) == [{}, {}, {}] for each in executions)
    settled(before)


def test_delays_before_a_retry() -> None:
    retrier = {"IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 20}
    assert [delay(retrier, count) for count in range(4)] == [2, 6, 18, 20]
    assert [delay({}, count) for count in range(3)] == [1, 2, 4]
    assert all(0 <= delay({**retrier, "JitterStrategy": "FULL"}, 1) <= 6 for _ in range(20))
    assert delay({"BackoffRate": 10}, 5000) == 99_999_999


def test_an_input_keeps_its_text() -> None:
    text = '{ "a" :  1 }'
    machine = {"StartAt": "S", "States": {"S": {"Type": "Pass", "End": True}}}
    execution = ran(machine, text)
    assert execution.record["events"][1]["stateEnteredEventDetails"]["input"] == text
    assert execution.record["output"] == text


def test_variables_are_told_where_a_state_is_left() -> None:
    machine = {"StartAt": "S", "States": {"S": {"Type": "Pass", "Assign": {"x": {"a": [1]}, "y": "t"}, "End": True}}}
    details = ran(machine).record["events"][2]["stateExitedEventDetails"]
    assert details["assignedVariables"] == {"x": '{"a":[1]}', "y": '"t"'}


def test_express_executions_do_not_name_events() -> None:
    machine = {"StartAt": "S", "States": {"S": {"Type": "Pass", "InputPath": "$.no", "End": True}}}
    cause = ran(machine, kind="EXPRESS").record["cause"]
    assert cause.startswith("An error occurred while executing the state 'S'. Invalid path")


def test_a_map_run_that_cannot_be_written_down_ends_the_execution() -> None:
    class Broken(Services):
        def open_map_run(self, *arguments: Any) -> Any:
            map_run = super().open_map_run(*arguments)

            def child(text: str, items: int) -> Execution:
                raise OSError("no room")

            map_run.child = child  # type: ignore[method-assign]
            return map_run

    mode = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    state = {"Type": "Map", "ItemProcessor": {**mode, **FOREVER}, "End": True}
    execution = ran({"StartAt": "M", "States": {"M": state}}, [1, 2], Broken())
    assert (execution.record["error"], execution.record["cause"]) == ("States.Runtime", "OSError: no room")
