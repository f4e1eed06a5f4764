"""Prints as JSON which functions of MiniStack are replaced by which additions, in the order of the replacements.

A program of its own, as installing the additions changes MiniStack for the whole process.
"""

import importlib
import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import main
from treino_local import patching


def replaced() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    names = iter(main.ADDITIONS)
    addition = ""
    wrap = patching.wrap

    def recording(module: Any, name: str, *parameters: str) -> Callable[..., Any]:
        place = f"{getattr(module, '__name__', module)}.{name}"
        if addition not in found[place]:
            found[place].append(addition)
        return wrap(module, name, *parameters)

    patching.wrap = recording
    for addition in names:
        importlib.import_module(f"treino_local.{addition}").install()
    return found


if __name__ == "__main__":
    print(json.dumps(replaced()))
