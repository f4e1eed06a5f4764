"""The reaper with answers of AWS that the local AWS does not give: pages, throttling, refusals, slow deletions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from interpreter import Services, output, ran
from ministack.core import responses
from reaped import DEFINITION, OWNER, STACK, Fields, at, call
from treino_local.step_functions import sdk_calls
from treino_local.step_functions.errors import StateError
from treino_local.step_functions.services import Call

_REAPER: Fields = json.loads(DEFINITION.read_text())
_LISTS: Fields = _REAPER["States"]["Start"]["Assign"]["lists"]
_MARK = [{"Key": f"treino:{key}", "Value": value} for key, value in
         {"stack": STACK, "owner": OWNER, "address": "table.items"}.items()]  # fmt: skip
_TABLE: Fields = {
    "address": "table.items",
    "kind": "table",
    "name": "items",
    "arn": "arn:aws:dynamodb:us-east-1:123456789012:table/items",
    "mark": call("dynamodb:listTagsOfResource", ResourceArn="arn"),
    "calls": [call("dynamodb:deleteTable", TableName="items")],
    "look": call("dynamodb:listTables", Limit=100),
}
Answer = Callable[[Fields], Any]


def _fails(error: str, cause: str = "") -> Answer:
    def fail(_: Fields) -> Any:
        raise StateError(error, cause)

    return fail


class _Aws:
    """Answers by the call's name: one after the other, and the last one ever after."""

    def __init__(self, **answers: list[Answer | Fields]) -> None:
        self.asked: list[tuple[str, Fields]] = []
        self._answers: dict[str, list[Answer | Fields]] = {
            "listTagsOfResource": [{"Tags": _MARK}],
            "deleteTable": [{}],
            "listTables": [{"TableNames": []}],
            "listExecutions": [{"Executions": []}],
            "deleteStateMachine": [{}],
            **answers,
        }

    def __call__(self, asked: Call) -> Any:
        name = asked.resource.rpartition(":")[2]
        self.asked.append((name, asked.arguments))
        left = self._answers[name]
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer(asked.arguments) if callable(answer) else answer

    def ran(self, steps: list[Fields] | None = None, **given: Any) -> Fields:
        start = {"version": 1, "stack": STACK, "owner": OWNER, "expires": at(0), "begins": at(0), "pause": 30}
        given = {**start, "most_calls": 700, "keep": True, "steps": [_TABLE] if steps is None else steps, **given}
        self.execution = ran(_REAPER, given, Services(call=self))
        found: Fields = output(self.execution)
        return found

    def pauses(self) -> list[float]:
        """The seconds before each look."""
        exited = [each.get("stateExitedEventDetails", {}) for each in self.execution.record["events"]]
        named = [each.get("assignedVariables", {}) for each in exited if each.get("name") == "Phase done"]
        return [json.loads(each["seconds"]) for each in named if "seconds" in each]

    def count(self, name: str) -> int:
        return len([each for each, _ in self.asked if each == name])


def _only(receipt: Fields) -> Fields:
    found: Fields = receipt["resources"][0]
    return found


def test_every_call_has_its_state_and_exists() -> None:
    states = _REAPER["States"]
    choices = [each for each in states["Next call"]["Choices"] if "$queue[0].call = '" in each["Condition"]]
    named = {re.findall("'(.+)'", each["Condition"])[0]: each["Next"] for each in choices}
    tasks = {name: state for name, state in states.items() if state.get("Arguments") == "{% $queue[0].input %}"}
    assert set(named.values()) == set(tasks)
    for call_name, name in named.items():
        service, action = call_name.split(":")
        assert tasks[name]["Resource"] == f"arn:aws:states:::aws-sdk:{call_name}"
        assert sdk_calls._operation_name(action) in sdk_calls._model(service).operation_names
    # All alike: each counts itself and takes itself from the queue.
    assert len({json.dumps([task["Assign"], task["Catch"][-1]]) for task in tasks.values()}) == 1
    # What lists is known to list, and what follows it is known.
    assert {name for name in named if tasks[named[name]]["Next"] == "Answered"} >= set(_LISTS)
    assert {each["call"] for each in _LISTS.values() if "call" in each} <= set(named)


@pytest.mark.parametrize("name", _LISTS)
def test_what_is_known_of_lists_is_in_their_models(name: str) -> None:
    """The fields of an answer, and the parameters of the next page and of the call for each thing."""
    known, (service, action) = _LISTS[name], name.split(":")
    operation = responses._service_model(sdk_calls._SERVICES[service][1] or service).operation_model(
        sdk_calls._operation_name(action)
    )
    taken = {sdk_calls._sdk_name(member) for member in operation.input_shape.members}
    given = {sdk_calls._sdk_name(member): shape for member, shape in operation.output_shape.members.items()}
    assert set(known["more"]) | set(known.get("keep", [])) <= taken
    assert set(known["more"].values()) | set(known.get("of", [])) <= set(given)
    things = [given[field].member for field in known.get("of", [])]
    fields = [known["name"]] if "name" in known else list(known.get("take", {}).values())
    for thing in things:
        members = {sdk_calls._sdk_name(member) for member in getattr(thing, "members", {})} or {""}
        assert set(fields) <= members
    if "call" in known:
        service, action = known["call"].split(":")
        follows = sdk_calls._model(service).operation_model(sdk_calls._operation_name(action)).input_shape
        assert set(known["keep"]) | set(known["take"]) <= {sdk_calls._sdk_name(each) for each in follows.members}


def test_a_mark_on_several_pages() -> None:
    """DynamoDB answers ten tags at a time."""
    others = [{"Key": f"k{number}", "Value": "v"} for number in range(10)]
    aws = _Aws(listTagsOfResource=[{"Tags": others, "NextToken": "t"}, {"Tags": _MARK}])
    assert _only(aws.ran())["result"] == "deleted"
    assert [asked for name, asked in aws.asked if name == "listTagsOfResource"] == [
        {"ResourceArn": "arn"},
        {"ResourceArn": "arn", "NextToken": "t"},
    ]


def test_a_mark_that_cannot_be_read_leaves_it_alone() -> None:
    denied = _fails("DynamoDb.DynamoDbException", "User is not authorized (Service: DynamoDb, Status Code: 400)")
    aws = _Aws(listTagsOfResource=[denied], listTables=[{"TableNames": ["items"]}])
    receipt = aws.ran()
    assert (_only(receipt)["result"], receipt["left"], receipt["complete"]) == ("failed", ["table.items"], False)
    assert _only(receipt)["error"].startswith("dynamodb:listTagsOfResource: DynamoDb.DynamoDbException: User is not")
    assert aws.count("deleteTable") == 0


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("DynamoDb.ThrottlingException", ""),
        ("DynamoDb.LimitExceededException", ""),
        ("DynamoDb.ResourceInUseException", "Table is being created"),
        ("DynamoDb.DynamoDbException", "Rate exceeded (Service: DynamoDb, Status Code: 400)"),
        ("DynamoDb.DynamoDbException", "Oops (Service: DynamoDb, Status Code: 503, Request ID: 1)"),
        ("DynamoDb.SdkClientException", "Unable to execute HTTP request"),
    ],
)
def test_what_passes_is_tried_again(error: str, cause: str) -> None:
    aws = _Aws(
        deleteTable=[_fails(error, cause)] * 3 + [{}], listTagsOfResource=[_fails(error, cause), {"Tags": _MARK}]
    )
    assert _only(aws.ran()) == {"address": "table.items", "name": "items", "result": "deleted"}
    assert aws.count("deleteTable") == 4


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("DynamoDb.ResourceNotFoundException", "(Service: DynamoDb, Status Code: 400)"),
        ("Iam.NoSuchEntityException", ""),
        ("Sfn.StateMachineDoesNotExistException", ""),
        ("Sqs.QueueDoesNotExistException", ""),
        ("S3Control.S3ControlException", "Not here (Service: S3Control, Status Code: 404, Request ID: 1)"),
    ],
)
def test_what_is_not_there_is_known_by_its_error(error: str, cause: str) -> None:
    """Without a look, which may be refused."""
    unseen = _fails("DynamoDb.DynamoDbException", "denied")
    gone = _Aws(listTagsOfResource=[_fails(error, cause)], listTables=[unseen]).ran()
    assert _only(gone)["result"] == "gone"
    deleted = _Aws(deleteTable=[_fails(error, cause)], listTables=[unseen]).ran()
    assert _only(deleted)["result"] == "deleted"


def test_what_does_not_pass_is_noted_and_looked_for() -> None:
    aws = _Aws(deleteTable=[_fails("DynamoDb.ResourceInUseException", "busy")], listTables=[{"TableNames": ["items"]}])
    receipt = aws.ran()
    assert (receipt["left"], _only(receipt)["error"]) == (
        ["table.items"],
        "dynamodb:deleteTable: DynamoDb.ResourceInUseException: busy",
    )
    # Once and six times more, before each of four looks.
    assert (aws.count("deleteTable"), aws.count("listTables")) == (28, 4)


def test_a_deletion_that_takes_its_time() -> None:
    """It is listed while it is being deleted, and then no longer."""
    busy = _fails("DynamoDb.ResourceInUseException", "Table is being deleted")
    listed: Fields = {"TableNames": ["items"]}
    aws = _Aws(deleteTable=[{}, busy], listTables=[listed, listed, {"TableNames": []}])
    receipt = aws.ran()
    assert (_only(receipt), receipt["complete"]) == (
        {"address": "table.items", "name": "items", "result": "deleted"},
        True,
    )


def test_a_refusal_is_no_failure_once_it_is_gone() -> None:
    aws = _Aws(deleteTable=[_fails("DynamoDb.DynamoDbException", "not now")])
    receipt = aws.ran()
    assert (_only(receipt)["result"], receipt["complete"]) == ("gone", True)


def test_it_is_looked_for_on_every_page() -> None:
    pages: list[Answer | Fields] = [
        {"TableNames": ["a", "b"], "LastEvaluatedTableName": "b"},
        {"TableNames": ["items"]},
    ]
    aws = _Aws(listTables=[*pages, {"TableNames": []}])
    assert aws.ran()["complete"]
    assert aws.count("deleteTable") == 2
    assert [asked for name, asked in aws.asked if name == "listTables"][1]["ExclusiveStartTableName"] == "b"


def test_what_cannot_be_looked_for_is_not_said_to_be_complete() -> None:
    aws = _Aws(listTables=[_fails("DynamoDb.DynamoDbException", "denied")])
    receipt = aws.ran()
    assert not receipt["complete"]
    assert _only(receipt)["error"].startswith("it could not be looked for: dynamodb:listTables")


def test_a_page_that_is_too_large_is_halved_to_one() -> None:
    too_large = _fails("States.DataLimitExceeded", "returned a result with a size exceeding the maximum")
    aws = _Aws(listTables=[too_large])
    receipt = aws.ran()
    assert [asked["Limit"] for name, asked in aws.asked if name == "listTables"] == [100, 50, 25, 13, 7, 4, 2, 1]
    assert not receipt["complete"]


def test_the_steps_go_on_after_many_errors() -> None:
    """A step is given up after four, and the next one begins."""
    broken = {
        **_TABLE,
        "address": "table.broken",
        "name": "broken",
        "calls": [call("dynamodb:melt")] * 9 + _TABLE["calls"],
    }
    aws = _Aws()
    receipt = aws.ran([broken, _TABLE])
    assert aws.count("deleteTable") == 1
    assert [each["result"] for each in receipt["resources"]] == ["gone", "deleted"]


def test_a_day_after_it_began_it_gives_up() -> None:
    aws = _Aws()
    state = {
        "phase": "end",
        "begun": 1,
        "todo": [0],
        "i": 0,
        "queue": [_TABLE["mark"]],
        "marking": True,
        "step": _TABLE,
    }
    receipt = aws.ran(state=state)
    assert (receipt["left"], receipt["notes"]) == (["table.items"], ["given up a day after it began"])
    assert aws.count("deleteTable") == 0


def test_without_a_fresh_execution_this_one_goes_on() -> None:
    aws = _Aws(startExecution=[_fails("Sfn.SfnException", "denied")])
    receipt = aws.ran([_TABLE] * 3, most_calls=2)
    assert receipt["complete"]
    assert receipt["notes"][0] == "no fresh execution: Sfn.SfnException"
    assert aws.count("deleteTable") == 3


def test_a_fresh_execution_has_the_name_with_the_next_number() -> None:
    aws = _Aws(startExecution=[{"ExecutionArn": "arn"}])
    assert aws.ran(most_calls=0) == {"continued": "arn", "stack": STACK, "owner": OWNER}
    _, asked = aws.asked[-1]
    assert asked["Name"] == f"{aws.execution.record['name']}--2"
    given = json.loads(asked["Input"])
    assert (given["steps"], given["state"]["phase"]) == ([_TABLE], "end")


def test_log_groups_are_looked_for_once_more() -> None:
    """What a function has written last may come after the first look, and is nobody's but the stack's."""
    name = "/aws/lambda/f"
    group = {
        **_TABLE,
        "address": "log_group.f",
        "kind": "log_group",
        "name": name,
        "unmarked": True,
        "mark": call("cloudwatchlogs:listTagsForResource", ResourceArn="arn"),
        "calls": [call("cloudwatchlogs:deleteLogGroup", LogGroupName=name)],
        "look": call("cloudwatchlogs:describeLogGroups", LogGroupNamePrefix=name),
    }
    late: list[Answer | Fields] = [{"LogGroups": []}, {"LogGroups": [{"LogGroupName": name}]}, {"LogGroups": []}]
    aws = _Aws(listTagsForResource=[{"Tags": {}}], deleteLogGroup=[{}], describeLogGroups=late)
    assert aws.ran([group, _TABLE], late=900)["complete"]
    # A function that ran when it was deleted writes its log when it ends.
    assert aws.pauses() == [30, 900, 120]
    assert (aws.count("deleteLogGroup"), aws.count("describeLogGroups"), aws.count("listTables")) == (2, 3, 1)


def test_executions_are_counted_once() -> None:
    """Those of before two minutes are not listed again, those since are; the newest come first."""
    counts: list[int] = []

    def executions(number: int, ago: float) -> list[Fields]:
        return [{"ExecutionArn": f"{number}-{each}", "StartDate": at(-ago)} for each in range(number)]

    def listed(asked: Fields) -> Fields:
        if asked["StateMachineArn"] != "counted":
            return {"Executions": []}
        counts.append(1)
        if len(counts) == 1:
            # Of before the stack, which ends the pages.
            return {"Executions": executions(3, 10) + executions(4, 300) + executions(2, 9999), "NextToken": "t"}
        if len(counts) == 2:
            return {"Executions": executions(5, 1) + executions(4, 300)}
        return {"Executions": executions(9, 1)}

    limits = {"runs": 12, "machines": ["counted"], "since": at(-3600), "every": 0, "then": "end", "stop": []}
    receipt = _Aws(listExecutions=[listed]).ran(limits=limits, begins=None)
    # 4 of long ago with 9 new ones.
    assert receipt["stopped"]["runs"] == 13
    assert len(counts) == 3
