"""Paths and payload templates of JSONPath: the input, variables and the context object."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from treino_local.step_functions import intrinsics, paths
from treino_local.step_functions.documents import dump
from treino_local.step_functions.errors import RUNTIME, OwnError
from treino_local.step_functions.variables import Variables

_VARIABLE = re.compile(r"\$([A-Za-z_\u0080-\U0010ffff][\w\u0080-\U0010ffff]*)(.*)", re.DOTALL)


class Lookup:
    def __init__(self, variables: Variables, context: Callable[[bool], dict[str, Any]]) -> None:
        self._variables = variables
        self._context = context

    def find(self, path: str, data: Any) -> Any:
        """What the path leads to; raises paths.Missing and paths.Malformed."""
        return paths.find(*self._rooted(path, data))

    def value(self, expression: str, data: Any, field: str) -> Any:
        """The value of a template's field that ends in `.$`, or of another field that may be a path or a call."""
        if intrinsics.is_call(expression):
            return intrinsics.evaluate(expression, lambda path: self.find(path, data), lambda: dump(data))
        rooted: tuple[str, Any] | None = None
        try:
            rooted = self._rooted(expression, data)
            return paths.find(*rooted)
        except paths.Malformed as error:
            raise OwnError(RUNTIME, f"Invalid path '{expression}' : {error}") from None
        except paths.Missing:
            # An index past the end of an array is null, of all that can be missing.
            if rooted is not None and paths.past_the_end(*rooted):
                return None
            raise OwnError(
                RUNTIME,
                f"The JSONPath '{expression}' specified for the field '{field}' could not be found in the input "
                f"'{dump(data)}'",
            ) from None

    def selected(self, path: str | None, data: Any) -> Any:
        """InputPath and OutputPath: null stands for an empty object."""
        if path is None:
            return {}
        if path == "$":
            return data
        try:
            return self.find(path, data)
        except (paths.Missing, paths.Malformed) as error:
            raise OwnError(RUNTIME, f"Invalid path '{path}' : {error}") from None

    def template(self, template: Any, data: Any) -> Any:
        if isinstance(template, dict):
            return {
                key.removesuffix(".$"): (
                    self.value(each, data, key)
                    if key.endswith(".$") and isinstance(each, str)
                    else self.template(each, data)
                )
                for key, each in template.items()
            }
        if isinstance(template, list):
            return [self.template(each, data) for each in template]
        return template

    def _rooted(self, path: str, data: Any) -> tuple[str, Any]:
        if path.startswith("$$"):
            return f"${path[2:]}", self._context(path.startswith("$$.State.RetryCount"))
        named = _VARIABLE.match(path)
        if not named:
            return path, data
        if not self._variables.has(named[1]):
            raise paths.Missing(f"The variable ${named[1]} is not assigned")
        return f"${named[2]}", self._variables.get(named[1])
