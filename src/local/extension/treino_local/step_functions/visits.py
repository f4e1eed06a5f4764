"""One visit of a state: its input, its fields in the state's query language, and how it is left."""

from __future__ import annotations

from typing import Any

from treino_local.step_functions import jsonata_expressions
from treino_local.step_functions.documents import dump, placed
from treino_local.step_functions.errors import EvaluationError, OwnError, StateError
from treino_local.step_functions.history import Event, failure, now
from treino_local.step_functions.lines import Line
from treino_local.step_functions.lookups import Lookup

State = dict[str, Any]
# A state's output, and the state that follows.
Left = tuple[Any, "str | None"]

_NOTHING = object()
# The states whose context says how often they were tried.
_RETRIED = ("Task", "Parallel", "Map")


class Visit:
    def __init__(self, line: Line, name: str, state: State, data: Any) -> None:
        self.line = line
        self.name = name
        self.state = state
        self.kind: str = state.get("Type", "")
        self.data = data
        self.entered = 0
        self.entered_at = now()
        self.retries = 0
        self.token: str | None = None
        # Whether the attempt that failed had been handed to its service.
        self.scheduled = False
        language = state.get("QueryLanguage", line.execution.language)
        self.jsonata = language == "JSONata"
        self.lookup = Lookup(line.variables, self.context)
        self.assigned: Event | None = None

    def context(self, with_retries: bool = False, item: Event | None = None) -> Event:
        """The context object, `$$` or `$states.context`."""
        state: Event = {"Name": self.name, "EnteredTime": self.entered_at}
        if with_retries or self.kind in _RETRIED:
            state["RetryCount"] = self.retries
        context = {**self.line.context(), "State": state}
        if self.token is not None:
            context["Task"] = {"Token": self.token}
        item = item or self.line.item
        if item is not None:
            context["Map"] = {"Item": item}
        return context

    # What the state is given.

    def effective(self) -> Any:
        """The input after InputPath."""
        if self.jsonata:
            return self.data
        return self.lookup.selected(self.state.get("InputPath", "$"), self.data)

    def given(self) -> Any:
        """The input after InputPath and Parameters, or Arguments."""
        if self.jsonata:
            return self.expression(self.state["Arguments"], "Arguments") if "Arguments" in self.state else self.data
        data = self.effective()
        return self.lookup.template(self.state["Parameters"], data) if "Parameters" in self.state else data

    def expression(self, value: Any, field: str, item: Event | None = None, **known: Any) -> Any:
        """A JSONata field; `known` are `result` and `errorOutput`."""
        states = {"input": self.data, "context": self.context(True, item), **known}
        return jsonata_expressions.template(value, states, self.line.variables.all(), field)

    def typed(self, field: str, expected: str, **known: Any) -> Any:
        """A JSONata field of a given type."""
        expression = self.state[field]
        return jsonata_expressions.typed(self.expression(expression, field, **known), expression, field, expected)

    def number(self, field: str) -> Any:
        """A field that is a number, a JSONata expression, or in its `...Path` form a path; None if not given."""
        if field in self.state:
            value = self.state[field]
            return self.typed(field, "number") if self.jsonata and isinstance(value, str) else value
        path = self.state.get(f"{field}Path")
        return None if path is None else self.lookup.value(path, self.effective(), f"{field}Path")

    # How it is left.

    def leave(self, result: Any, following: Any = _NOTHING) -> Left:
        """The output of a state with a result: all is evaluated before any variable is assigned."""
        state = self.state
        if self.jsonata:
            output = self.expression(state["Output"], "Output", result=result) if "Output" in state else result
            assigned = self.expression(state["Assign"], "Assign", result=result) if "Assign" in state else None
        else:
            lookup = self.lookup
            selected = lookup.template(state["ResultSelector"], result) if "ResultSelector" in state else result
            assigned = lookup.template(state["Assign"], selected) if "Assign" in state else None
            output = placed(state.get("ResultPath", "$"), self.data, selected)
            output = lookup.selected(state.get("OutputPath", "$"), output)
        self.assign(assigned)
        return output, self.following() if following is _NOTHING else following

    def pass_on(self, following: Any = _NOTHING) -> Left:
        """The output of a state that has no result: its input."""
        state = self.state
        if self.jsonata:
            output = self.expression(state["Output"], "Output") if "Output" in state else self.data
            assigned = self.expression(state["Assign"], "Assign") if "Assign" in state else None
        else:
            data = self.effective()
            assigned = self.lookup.template(state["Assign"], data) if "Assign" in state else None
            output = self.lookup.selected(state.get("OutputPath", "$"), data)
        self.assign(assigned)
        return output, self.following() if following is _NOTHING else following

    def following(self) -> str | None:
        return None if self.state.get("End") else self.state.get("Next")

    def assign(self, assigned: Any) -> None:
        if isinstance(assigned, dict):
            self.line.variables.assign(assigned)
            self.assigned = {name: dump(value) for name, value in assigned.items()}

    def catch(self, at: int, error: StateError) -> Left:
        """What the catcher makes of the error."""
        catcher = self.state["Catch"][at]
        output: Any = {"Error": error.error, "Cause": error.cause or ""}
        if self.jsonata:
            place, known = f"Catch[{at}]", {"errorOutput": output}
            assigned = self.expression(catcher["Assign"], f"{place}/Assign", **known) if "Assign" in catcher else None
            if "Output" in catcher:
                output = self.expression(catcher["Output"], f"{place}/Output", **known)
        else:
            assigned = self.lookup.template(catcher["Assign"], output) if "Assign" in catcher else None
            output = placed(catcher.get("ResultPath", "$"), self.data, output)
        self.assign(assigned)
        return output, catcher["Next"]

    def note(self, error: StateError) -> None:
        """Names this state in an error of Step Functions' own, and records an expression that failed."""
        if isinstance(error, OwnError):
            express = self.line.execution.express
            error.place(self.name, None if express else self.entered)
        if isinstance(error, EvaluationError) and not error.recorded:
            error.recorded = True
            details = {**failure(error.error, error.cause), "location": error.location, "state": self.name}
            self.line.add("EvaluationFailed", {key: each for key, each in details.items() if each is not None})
