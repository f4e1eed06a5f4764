"""Sizes that AWS refuses, and histories that grow too long."""

from __future__ import annotations

import json

from interpreter import Services, kinds, output, ran
from treino_local.step_functions import history

LIMIT = 262_144
TOO_LARGE = "The state/task '{}' returned a result with a size exceeding the maximum number of bytes service limit."
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
CAUGHT = {"Type": "Pass", "OutputPath": "$.Error", "End": True}


def called(resource: str, result: str, caught: list[str]) -> dict[str, object]:
    task = {"Type": "Task", "Resource": resource, "Parameters": {"FunctionName": "f"}, "Next": "C"}
    machine = {
        "StartAt": "T",
        "States": {
            "T": {**task, "Catch": [{"ErrorEquals": caught, "Next": "C"}]},
            "C": {"Type": "Pass", "End": True},
        },
    }
    execution = ran(machine, {}, Services({"f": [{"result": result}]}))
    return {**execution.record, "kinds": kinds(execution)}


def test_a_result_may_have_so_many_bytes_and_no_more() -> None:
    # The quotes count as well.
    fits = called(FUNCTION, "x" * (LIMIT - 2), ["States.ALL"])
    assert (fits["status"], len(str(fits["output"]))) == ("SUCCEEDED", LIMIT)
    for resource, named in (("arn:aws:states:::lambda:invoke", "lambda"), (FUNCTION, FUNCTION)):
        for caught in ("States.ALL", "States.DataLimitExceeded"):
            for text in ("x" * (LIMIT - 1), "é" * (LIMIT // 2)):
                record = called(resource, text, [caught])
                expected = {"Error": "States.DataLimitExceeded", "Cause": TOO_LARGE.format(named)}
                assert json.loads(str(record["output"])) == expected


def test_an_output_that_is_too_large_ends_the_execution() -> None:
    double = {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$"}, "End": True}
    execution = ran({"StartAt": "S", "States": {"S": double}}, json.dumps("x" * 140_000))
    assert (execution.record["error"], execution.record["cause"]) == (
        "States.DataLimitExceeded",
        TOO_LARGE.format("S"),
    )
    branch = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    parallel = {"Type": "Parallel", "Branches": [branch, branch], "Next": "C"}
    machine = {
        "StartAt": "P",
        "States": {
            "P": {**parallel, "Catch": [{"ErrorEquals": ["States.ALL", "States.DataLimitExceeded"], "Next": "C"}]},
            "C": CAUGHT,
        },
    }
    execution = ran(machine, json.dumps("x" * 140_000))
    assert (execution.record["error"], execution.record["cause"]) == (
        "States.DataLimitExceeded",
        TOO_LARGE.format("P"),
    )


def test_text_is_measured_in_bytes() -> None:
    passing = {"StartAt": "S", "States": {"S": {"Type": "Pass", "End": True}}}
    assert output(ran(passing, json.dumps("é" * 100_000, ensure_ascii=False))) == "é" * 100_000


def test_a_history_ends_at_25_000_events() -> None:
    loop = {"StartAt": "S", "States": {"S": {"Type": "Pass", "Next": "S"}}}
    execution = ran(loop)
    events = execution.record["events"]
    assert len(events) == 25_000
    assert (events[-1]["type"], events[-1]["id"]) == ("ExecutionFailed", 25_000)
    assert (execution.record["error"], execution.record["cause"]) == ("States.Runtime", history.FULL)


def test_a_history_of_iterations_ends_at_25_000_events() -> None:
    passing = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    for limit in (1, 40):
        state = {"Type": "Map", "MaxConcurrency": limit, "ItemProcessor": passing, "End": True}
        execution = ran({"StartAt": "M", "States": {"M": state}}, list(range(7000)))
        assert len(execution.record["events"]) == 25_000
        assert (execution.record["error"], execution.record["cause"]) == ("States.Runtime", history.FULL)
