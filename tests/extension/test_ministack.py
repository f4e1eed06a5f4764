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


def _modules(tree: ast.AST) -> dict[str, ModuleType]:
    """MiniStack's modules by the names under which the file imports them."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ministack"):
            parent = importlib.import_module(node.module or "")
            for each in node.names:
                value = getattr(parent, each.name, None) or importlib.import_module(f"{node.module}.{each.name}")
                if isinstance(value, ModuleType):
                    found[each.asname or each.name] = value
    return found


@pytest.mark.parametrize("path", _FILES, ids=str)
def test_every_name_of_ministack_is_there(path: Path) -> None:
    tree = ast.parse((EXTENSION / path).read_text())
    modules = _modules(tree)
    missing = {
        f"{node.value.id}.{node.attr}, line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in modules
        and not hasattr(modules[node.value.id], node.attr)
    }
    assert not missing


def test_the_version_is_the_one_that_is_installed_for_users() -> None:
    requirements = (EXTENSION.parent / "requirements.txt").read_text()
    assert re.findall(r"^ministack==(\S+)", requirements, re.MULTILINE) == [treino_local.MINISTACK]
