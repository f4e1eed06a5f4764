"""The rules of a Choice state."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

from treino_local.step_functions import paths
from treino_local.step_functions.documents import is_number
from treino_local.step_functions.errors import RUNTIME, OwnError
from treino_local.step_functions.jsonata_expressions import typed
from treino_local.step_functions.visits import Left, Visit

_NO_RULE = "Failed to transition out of the state. The state does not point to a next state."


def choice(visit: Visit) -> Left:
    if visit.jsonata:
        return _by_conditions(visit)
    data = visit.effective()
    for rule in visit.state.get("Choices", []):
        if holds(visit, rule, data):
            return _left(visit, data, rule)
    return _left(visit, data, None)


def _left(visit: Visit, data: Any, rule: dict[str, Any] | None) -> Left:
    holder, following = (rule, rule["Next"]) if rule else (visit.state, visit.state.get("Default"))
    if following is None:
        raise OwnError(RUNTIME, _NO_RULE)
    assigned = visit.lookup.template(holder["Assign"], data) if "Assign" in holder else None
    output = visit.lookup.selected(visit.state.get("OutputPath", "$"), data)
    visit.assign(assigned)
    return output, following


def _by_conditions(visit: Visit) -> Left:
    for at, rule in enumerate(visit.state.get("Choices", [])):
        place = f"Choices[{at}]"
        condition = rule["Condition"]
        held = visit.expression(condition, f"{place}/Condition")
        if typed(held, condition, f"{place}/Condition", "boolean"):
            output = visit.expression(rule["Output"], f"{place}/Output") if "Output" in rule else None
            if "Output" not in rule:
                state = visit.state
                output = visit.expression(state["Output"], "Output") if "Output" in state else visit.data
            visit.assign(visit.expression(rule["Assign"], f"{place}/Assign") if "Assign" in rule else None)
            return output, rule["Next"]
    if visit.state.get("Default") is None:
        raise OwnError(RUNTIME, _NO_RULE)
    return visit.pass_on(visit.state["Default"])


def holds(visit: Visit, rule: dict[str, Any], data: Any) -> bool:
    if "And" in rule:
        return all(holds(visit, each, data) for each in rule["And"])
    if "Or" in rule:
        return any(holds(visit, each, data) for each in rule["Or"])
    if "Not" in rule:
        return not holds(visit, rule["Not"], data)
    operator = next((key for key in rule if key in _TESTS or key.removesuffix("Path") in _COMPARISONS), None)
    if operator is None:
        raise OwnError(RUNTIME, f"The choice rule has no operator: {', '.join(rule)}")
    if operator == "IsPresent":
        return bool(_present(visit, rule["Variable"], data) == rule[operator])
    value = _value(visit, rule["Variable"], data)
    if operator in _TESTS:
        return bool(_TESTS[operator](value) == rule[operator])
    if operator.endswith("Path"):
        return _COMPARISONS[operator.removesuffix("Path")](value, _value(visit, rule[operator], data))
    return _COMPARISONS[operator](value, rule[operator])


def _value(visit: Visit, path: str, data: Any) -> Any:
    try:
        return visit.lookup.find(path, data)
    except (paths.Missing, paths.Malformed):
        message = f"Invalid path '{path}': The choice state's condition path references an invalid value."
        raise OwnError(RUNTIME, message) from None


def _present(visit: Visit, path: str, data: Any) -> bool:
    try:
        visit.lookup.find(path, data)
    except (paths.Missing, paths.Malformed):
        return False
    return True


_TIMESTAMP = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})\Z")


def timestamp(value: Any) -> datetime.datetime | None:
    """The moment of a timestamp as Step Functions takes it: with a T and a zone."""
    read = _TIMESTAMP.match(value) if isinstance(value, str) else None
    if not read:
        return None
    zone = "+00:00" if read[8] == "Z" else read[8]
    fraction = f"{read[7] or '0':0<6}"[:6]
    try:
        return datetime.datetime.fromisoformat(
            f"{read[1]}-{read[2]}-{read[3]}T{read[4]}:{read[5]}:{read[6] or '00'}.{fraction}{zone}"
        )
    except ValueError:
        return None


_Kind = Callable[[Any], Any]


def _as_string(value: Any) -> bytes | None:
    # Java compares texts by their UTF-16 units.
    return value.encode("utf-16-be", errors="surrogatepass") if isinstance(value, str) else None


def _as_number(value: Any) -> Any:
    return value if is_number(value) else None


def _as_boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else None


def _compared(kind: _Kind, compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """A comparison that does not hold between values of another kind."""

    def holds_between(left: Any, right: Any) -> bool:
        one, other = kind(left), kind(right)
        return one is not None and other is not None and compare(one, other)

    return holds_between


def _fits(value: Any, pattern: Any) -> bool:
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    parts = re.findall(r"\\.|\*|[^\\*]+|\\", pattern, re.DOTALL)
    expression = "".join(
        ".*" if part == "*" else re.escape(part[1:] if len(part) == 2 and part[0] == "\\" else part) for part in parts
    )
    return re.fullmatch(expression, value, re.DOTALL) is not None


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda left, right: bool(left == right),
    "LessThan": lambda left, right: bool(left < right),
    "GreaterThan": lambda left, right: bool(left > right),
    "LessThanEquals": lambda left, right: bool(left <= right),
    "GreaterThanEquals": lambda left, right: bool(left >= right),
}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    f"{name}{order}": _compared(kind, compare)
    for name, kind in (("String", _as_string), ("Numeric", _as_number), ("Timestamp", timestamp))
    for order, compare in _ORDERS.items()
} | {"BooleanEquals": _compared(_as_boolean, _ORDERS["Equals"]), "StringMatches": _fits}
_TESTS: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": is_number,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: timestamp(value) is not None,
    "IsPresent": lambda value: True,
}
