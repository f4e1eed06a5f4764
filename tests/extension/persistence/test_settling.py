"""What was saved in the midst of a change is as it is when the change is through."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from ministack import app
from ministack.services import lambda_svc
from treino_local.persistence import settling

THROUGH = {
    "State": "Active",
    "StateReason": "",
    "StateReasonCode": "",
    "LastUpdateStatus": "Successful",
    "LastUpdateStatusReason": "",
    "LastUpdateStatusReasonCode": "",
}


@pytest.fixture
def functions() -> Iterator[Any]:
    app._get_module("lambda_svc")
    yield lambda_svc._functions
    lambda_svc._functions.clear()


def test_a_function_that_was_being_made_or_changed_is_ready(functions: Any) -> None:
    made = {**THROUGH, "State": "Pending", "StateReason": "Creating", "StateReasonCode": "Creating"}
    changed = {
        **THROUGH,
        "LastUpdateStatus": "InProgress",
        "LastUpdateStatusReason": "Creating",
        "LastUpdateStatusReasonCode": "Creating",
    }
    for number, config in enumerate((made, changed, THROUGH)):
        functions[f"f{number}"] = {"config": copy.copy(config)}
    settling.settle()
    assert [functions[f"f{number}"]["config"] for number in range(3)] == [THROUGH] * 3
