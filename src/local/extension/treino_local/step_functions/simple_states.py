"""Pass, Wait, Succeed and Fail."""

from __future__ import annotations

import datetime
from typing import Any, NoReturn

from treino_local.step_functions.choices import timestamp
from treino_local.step_functions.documents import dump, is_number, placed, type_name
from treino_local.step_functions.errors import RUNTIME, EvaluationError, OwnError, StateError
from treino_local.step_functions.jsonata_expressions import is_expression
from treino_local.step_functions.visits import Left, Visit

LONGEST_WAIT = 99_999_999


def pass_state(visit: Visit) -> Left:
    state = visit.state
    if visit.jsonata:
        # What a Pass state computes is its Output.
        output = visit.expression(state["Output"], "Output") if "Output" in state else visit.data
        assigned = visit.expression(state["Assign"], "Assign", result=output) if "Assign" in state else None
        visit.assign(assigned)
        return output, visit.following()
    lookup = visit.lookup
    given = visit.given()
    result = state.get("Result", given)
    if "ResultSelector" in state:
        result = lookup.template(state["ResultSelector"], result)
    assigned = lookup.template(state["Assign"], result) if "Assign" in state else None
    output = lookup.selected(state.get("OutputPath", "$"), placed(state.get("ResultPath", "$"), visit.data, result))
    visit.assign(assigned)
    return output, visit.following()


def succeed(visit: Visit) -> Left:
    return visit.pass_on(None)


def fail(visit: Visit) -> NoReturn:
    raise StateError(_said(visit, "Error"), _said(visit, "Cause"))


def _said(visit: Visit, field: str) -> str | None:
    """Error or Cause, which a Fail state need not have."""
    state = visit.state
    if visit.jsonata:
        if field not in state:
            return None
        return str(visit.typed(field, "string")) if is_expression(state[field]) else str(state[field])
    if field in state:
        return str(state[field])
    path = state.get(f"{field}Path")
    if path is None:
        return None
    found = visit.lookup.value(path, visit.data, f"{field}Path")
    if not isinstance(found, str):
        raise OwnError(RUNTIME, f"The {field}Path parameter does not reference a string value: {path} == {dump(found)}")
    return found


def wait(visit: Visit) -> Left:
    scope, scale = visit.line.scope, visit.line.execution.services.scale
    seconds = _seconds(visit)
    if seconds is None:
        seconds = (_moment(visit) - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    scope.sleep(max(seconds, 0) * scale)
    return visit.pass_on()


def _seconds(visit: Visit) -> float | None:
    state = visit.state
    if "Seconds" in state:
        value = state["Seconds"]
        if not visit.jsonata or not is_expression(value):
            return float(value)
        found = visit.typed("Seconds", "number")
        if found < 0 or found > LONGEST_WAIT:
            raise EvaluationError(f"The Seconds field has to be between 0 and {LONGEST_WAIT}: {dump(found)}", "Seconds")
        return float(found)
    if "SecondsPath" not in state:
        return None
    path = state["SecondsPath"]
    found = visit.lookup.value(path, visit.effective(), "SecondsPath")
    if not is_number(found) or float(found) != int(found):
        message = f"The SecondsPath parameter does not reference an integer value: {path} == {_shown(found)}"
        raise OwnError(RUNTIME, message)
    if found < 0:
        raise OwnError(RUNTIME, f"The SecondsPath parameter references a negative value: {path} == {found}")
    if found > LONGEST_WAIT:
        message = f"The SecondsPath parameter references a value that is larger than {LONGEST_WAIT}: {path} == {found}"
        raise OwnError(RUNTIME, message)
    return float(found)


def _moment(visit: Visit) -> datetime.datetime:
    state = visit.state
    if "TimestampPath" in state:
        path = state["TimestampPath"]
        found = visit.lookup.value(path, visit.effective(), "TimestampPath")
        moment = timestamp(found)
        if moment is None:
            raise OwnError(
                RUNTIME,
                "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format "
                f"string: {path} == {_shown(found)}",
            )
        return moment
    written = state.get("Timestamp")
    found = visit.typed("Timestamp", "string") if visit.jsonata and is_expression(written) else written
    moment = timestamp(found)
    if moment is None:
        message = f"The Timestamp field is no ISO-8601 extended offset date-time: {_shown(found)}"
        raise EvaluationError(message, "Timestamp") if visit.jsonata else OwnError(RUNTIME, message)
    return moment


def _shown(value: Any) -> str:
    return str(value) if type_name(value) == "string" else dump(value)
