"""A MiniStack that has changed is refused, with the name of what moved."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from treino_local import patching


@pytest.fixture
def module() -> ModuleType:
    found = ModuleType("ministack.services.thing")

    def call(name: str, size: int = 1) -> str:
        return f"{name} of {size}"

    vars(found).update(call=call, NUMBER=7, TABLE={"Call": call, "Wrong": 7})
    return found


def test_what_is_missing_is_named(module: ModuleType) -> None:
    with pytest.raises(patching.Moved, match=r"^MiniStack's ministack\.services\.thing\.gone is missing$"):
        patching.of(module, "gone")


def test_what_is_of_another_kind_is_refused(module: ModuleType) -> None:
    assert patching.of(module, "NUMBER", int) == 7
    with pytest.raises(patching.Moved, match=r"thing\.NUMBER is no dict"):
        patching.of(module, "NUMBER", dict)
    with pytest.raises(patching.Moved, match=r"thing\.NUMBER is no str or bytes"):
        patching.of(module, "NUMBER", (str, bytes))


def test_what_is_no_function_is_refused(module: ModuleType) -> None:
    with pytest.raises(patching.Moved, match=r"thing\.NUMBER is no function"):
        patching.function(module, "NUMBER")


@pytest.mark.parametrize("parameters", [("size",), ("size", "name"), ("name", "size", "more")])
def test_other_parameters_are_refused(module: ModuleType, parameters: tuple[str, ...]) -> None:
    with pytest.raises(patching.Moved, match=r"thing\.call takes \(.*\) and not \("):
        patching.function(module, "call", *parameters)


@pytest.mark.parametrize("parameters", [(), ("name",), ("name", "size")])
def test_only_the_parameters_that_are_named_count(module: ModuleType, parameters: tuple[str, ...]) -> None:
    assert patching.function(module, "call", *parameters)("a") == "a of 1"


def test_a_replacement_is_given_the_original_and_has_its_name(module: ModuleType) -> None:
    @patching.wrap(module, "call", "name")
    def call(original: Callable[..., str], name: str, size: int = 1) -> str:
        return original(name.upper(), size=size + 1)

    assert module.call("a", size=2) == "A of 3"
    assert module.call.__name__ == "call"


def test_the_last_replacement_is_asked_first(module: ModuleType) -> None:
    for mark in "12":

        @patching.wrap(module, "call", "name")
        def call(original: Callable[..., str], name: str, mark: str = mark) -> str:
            return original(name + mark)

    assert module.call("a") == "a21 of 1"


def test_nothing_is_replaced_where_something_moved(module: ModuleType) -> None:
    before = module.call
    with pytest.raises(patching.Moved):
        patching.wrap(module, "call", "other")(lambda original: original())
    assert module.call is before


def test_a_handler_in_a_table_is_replaced(module: ModuleType) -> None:
    @patching.entry(module, "TABLE", "Call")
    def call(original: Callable[..., str], name: str) -> str:
        return original(name + "!")

    assert module.TABLE["Call"]("a") == "a! of 1"


@pytest.mark.parametrize("name", ["Gone", "Wrong"])
def test_a_handler_that_is_not_there_is_refused(module: ModuleType, name: str) -> None:
    with pytest.raises(patching.Moved, match=rf"thing\.TABLE has no {name}"):
        patching.entry(module, "TABLE", name)


@pytest.fixture
def source(tmp_path: Path) -> ModuleType:
    path = tmp_path / "written.py"
    path.write_text("FACTOR = 2\n\n\ndef times(number):\n    return number * FACTOR\n")
    specification = importlib.util.spec_from_file_location("ministack.written", path)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_a_function_is_rewritten_in_its_module(source: ModuleType) -> None:
    patching.rewrite(source, "times", ("number * FACTOR", "number ** FACTOR"))
    assert source.times(5) == 25


@pytest.mark.parametrize(("old", "times"), [("nowhere", 0), ("number", 2)])
def test_a_function_without_the_piece_once_is_left(source: ModuleType, old: str, times: int) -> None:
    with pytest.raises(patching.Moved, match=f"has {times} times, not once: {old}"):
        patching.rewrite(source, "times", (old, ""))
    assert source.times(5) == 10
