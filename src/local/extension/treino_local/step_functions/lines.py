"""A line of states that run one after the other: an execution's own, a branch's, an iteration's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from treino_local.step_functions.history import Event
from treino_local.step_functions.scopes import Scope
from treino_local.step_functions.variables import Variables

if TYPE_CHECKING:
    from treino_local.step_functions.execution import Execution
    from treino_local.step_functions.visits import Visit


class Line:
    def __init__(
        self,
        execution: Execution,
        scope: Scope,
        variables: Variables,
        last: int,
        item: Event | None = None,
    ) -> None:
        self.execution = execution
        self.scope = scope
        self.variables = variables
        # The event that the next one follows from.
        self.last = last
        # `Map.Item` of the context object.
        self.item = item
        # The state that runs.
        self.visit: Visit | None = None

    def add(self, kind: str, details: Event | None = None) -> int:
        self.last = self.beside(kind, details)
        return self.last

    def beside(self, kind: str, details: Event | None = None) -> int:
        """Adds an event from which nothing follows."""
        self.scope.check()
        return self.execution.history.add(kind, self.last, details)

    def branch(self, scope: Scope, item: Event | None = None) -> Line:
        """A line inside this one, which sees its variables."""
        return Line(self.execution, scope, Variables(self.variables), self.last, item or self.item)

    def context(self) -> dict[str, Any]:
        return self.execution.context
