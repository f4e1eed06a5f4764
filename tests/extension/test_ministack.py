"""What the extension reads of MiniStack is there: the whole list at once, where `patching` names the first."""

import ast
import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest
import treino_local
from support import EXTENSION

_FILES = sorted(path.relative_to(EXTENSION) for path in EXTENSION.rglob("*.py"))


def _imported(tree: ast.AST) -> dict[str, tuple[object, int]]:
    """What the file imports of MiniStack, by the name it has there, and the line; None for what is not there."""
    found: dict[str, tuple[object, int]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack"):
            for each in node.names:
                found[each.asname or each.name] = (_value(node.module or "", each.name), node.lineno)
    return found


def _value(module: str, name: str) -> object:
    try:
        value: object = getattr(importlib.import_module(module), name, None)
        return value if value is not None else importlib.import_module(f"{module}.{name}")
    except ModuleNotFoundError:
        return None


@pytest.mark.parametrize("path", _FILES, ids=str)
def test_every_name_of_ministack_is_there(path: Path) -> None:
    tree = ast.parse((EXTENSION / path).read_text())
    imported = _imported(tree)
    missing = {f"{name}, line {line}" for name, (value, line) in imported.items() if value is None}
    for node in ast.walk(tree):
        # What the file itself puts there need not be there.
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Load):
            value, _ = imported.get(node.value.id, (None, 0))
            if isinstance(value, ModuleType) and not hasattr(value, node.attr):
                missing.add(f"{node.value.id}.{node.attr}, line {node.lineno}")
    assert not missing


def test_the_version_is_the_one_that_is_installed_for_users() -> None:
    requirements = (EXTENSION.parent / "requirements.txt").read_text()
    assert re.findall(r"^ministack==(\S+)", requirements, re.MULTILINE) == [treino_local.MINISTACK]
