"""Walking through the states of a line, each with its events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from treino_local.step_functions import choices, groups, map_states, simple_states, tasks
from treino_local.step_functions.documents import checked, dump
from treino_local.step_functions.errors import RUNTIME, OwnError, StateError
from treino_local.step_functions.history import COMPLETE, Event
from treino_local.step_functions.lines import Line
from treino_local.step_functions.visits import Left, Visit

_STATES: dict[str, Callable[[Visit], Left]] = {
    "Pass": simple_states.pass_state,
    "Wait": simple_states.wait,
    "Succeed": simple_states.succeed,
    "Fail": simple_states.fail,
    "Choice": choices.choice,
    "Task": tasks.task,
    "Parallel": groups.parallel,
    "Map": map_states.map_state,
}


def walk(line: Line, machine: dict[str, Any], data: Any, text: str | None = None) -> tuple[Any, str]:
    """The output of the last state, and its text. The input's text is kept where it is given."""
    states, name = machine["States"], machine["StartAt"]
    if text is None:
        text = dump(data)
    while True:
        visit = Visit(line, name, states[name], data)
        if visit.kind not in _STATES:
            raise OwnError(RUNTIME, f"The state '{name}' has no known Type")
        line.visit = visit
        details: Event = {"name": name, "input": text, "inputDetails": COMPLETE}
        visit.entered = line.add(f"{visit.kind}StateEntered", details)
        try:
            output, following = _STATES[visit.kind](visit)
            # What is handed on as it came keeps its text.
            text = text if output is data else dump(output)
            checked(text, name)
        except StateError as error:
            visit.note(error)
            raise
        exited: Event = {"name": name, "output": text, "outputDetails": COMPLETE}
        if visit.assigned is not None:
            exited |= {"assignedVariables": visit.assigned, "assignedVariablesDetails": COMPLETE}
        line.add(f"{visit.kind}StateExited", exited)
        if following is None:
            return output, text
        name, data = following, output
