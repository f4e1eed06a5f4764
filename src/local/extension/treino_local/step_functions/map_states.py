"""Map states: what they run over, how much of it at a time, and the iterations of an inline one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from treino_local.step_functions import map_runs
from treino_local.step_functions.documents import dump, type_name
from treino_local.step_functions.errors import RUNTIME, EvaluationError, OwnError
from treino_local.step_functions.groups import Job, together
from treino_local.step_functions.history import Event
from treino_local.step_functions.lines import Line
from treino_local.step_functions.lookups import Lookup
from treino_local.step_functions.retries import attempted
from treino_local.step_functions.visits import Left, Visit

# So many iterations of an inline Map run at the same time, where it sets no limit.
INLINE_AT_ONCE = 40


@dataclass
class Item:
    """One item: its input is made when its turn comes."""

    index: int
    value: Any
    key: str | None = None

    def context(self) -> Event:
        found: Event = {"Index": self.index, "Value": self.value}
        return found if self.key is None else {**found, "Key": self.key}


def map_state(visit: Visit) -> Left:
    processor = visit.state.get("ItemProcessor") or visit.state["Iterator"]
    distributed = (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"

    def attempt() -> Left:
        if distributed:
            return map_runs.run(visit, processor, lambda: _given_items(visit, objects=True), selected, concurrency)
        items = _given_items(visit, objects=False)
        limit = concurrency(visit) or INLINE_AT_ONCE
        visit.line.add("MapStateStarted", {"length": len(items)})
        jobs = [_iteration(visit, processor, item) for item in items]
        results = together(visit.line, jobs, limit)
        visit.line.beside("MapStateSucceeded")
        return visit.leave(results)

    return attempted(visit, attempt, lambda: visit.line.add("MapStateFailed"))


def _iteration(visit: Visit, processor: dict[str, Any], item: Item) -> Job:
    def run(line: Line) -> Any:
        return line.execution.walk(line, processor, selected(visit, item))

    return Job(run, item.context(), {"name": visit.name, "index": item.index})


def selected(visit: Visit, item: Item) -> Any:
    """The input of an iteration."""
    selector = visit.state.get("ItemSelector", visit.state.get("Parameters"))
    if selector is None:
        return item.value
    if visit.jsonata:
        return visit.expression(selector, "ItemSelector", item.context())
    lookup = Lookup(visit.line.variables, lambda retries: visit.context(retries, item.context()))
    return lookup.template(selector, visit.effective())


def _given_items(visit: Visit, objects: bool) -> list[Item]:
    """The items of a Map state that does not read them from S3; a distributed one also takes an object."""
    if visit.jsonata:
        found = visit.expression(visit.state["Items"], "Items") if "Items" in visit.state else visit.data
    else:
        path = visit.state.get("ItemsPath", "$")
        data = visit.effective()
        found = data if path == "$" else visit.lookup.value(path, data, "ItemsPath")
    if isinstance(found, list):
        return [Item(at, each) for at, each in enumerate(found)]
    if objects and isinstance(found, dict):
        return [Item(at, each, key) for at, (key, each) in enumerate(found.items())]
    if visit.jsonata:
        raise EvaluationError(f"Map state input must be an array but was: {type_name(found)}", "Items")
    raise OwnError(RUNTIME, f'Reference path "{visit.state.get("ItemsPath", "$")}" must point to array.')


def concurrency(visit: Visit) -> int:
    return whole(visit, "MaxConcurrency", "Expected non-negative integer for MaxConcurrency, got '{}' instead.")


def whole(visit: Visit, field: str, negative: str) -> int:
    """A number of a Map state, 0 where it is not given."""
    value = visit.number(field)
    if value is None:
        return 0
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise unfit(visit, field, value, "integer")
    if value < 0:
        raise OwnError(RUNTIME, negative.format(value))
    return value


def unfit(visit: Visit, field: str, value: Any, kind: str) -> OwnError:
    path = visit.state.get(f"{field}Path", field)
    shown = value if isinstance(value, str) else dump(value)
    return OwnError(RUNTIME, f'The {field}Path field refers to value "{shown}" which is not a valid {kind}: {path}')
