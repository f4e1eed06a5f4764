"""Variables of an execution: a branch or an iteration sees those around it, and its own end with it."""

from __future__ import annotations

from typing import Any


class Variables:
    def __init__(self, outer: Variables | None = None) -> None:
        self._outer = outer
        self._own: dict[str, Any] = {}

    def has(self, name: str) -> bool:
        return name in self._own or (self._outer is not None and self._outer.has(name))

    def get(self, name: str) -> Any:
        if name in self._own or self._outer is None:
            return self._own[name]
        return self._outer.get(name)

    def assign(self, values: dict[str, Any]) -> None:
        self._own.update(values)

    def all(self) -> dict[str, Any]:
        return {**(self._outer.all() if self._outer else {}), **self._own}
