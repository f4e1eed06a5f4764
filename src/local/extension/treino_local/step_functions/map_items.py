"""What a distributed Map state runs over: data in S3, and batches of items."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

from treino_local.step_functions import map_states
from treino_local.step_functions.documents import LIMIT, dump, load, size
from treino_local.step_functions.errors import READER, RUNTIME, OwnError
from treino_local.step_functions.visits import Visit

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
_POINTER = "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure."


@dataclass
class Input:
    """The input of one child execution, and how many items are in it."""

    value: Any
    items: int = 1


def _failed(cause: str) -> OwnError:
    return OwnError(READER, cause)


def read(visit: Visit, reader: dict[str, Any]) -> list[map_states.Item]:
    if visit.jsonata:
        place = visit.expression(reader.get("Arguments", {}), "ItemReader/Arguments")
    else:
        place = visit.lookup.template(reader.get("Parameters", {}), visit.effective())
    config = reader.get("ReaderConfig") or {}
    services = visit.line.execution.services
    try:
        if reader.get("Resource", "").endswith("s3:listObjectsV2"):
            listed = services.list_objects(place.get("Bucket", ""), place.get("Prefix", ""))
            if config.get("Transformation") == "LOAD_AND_FLATTEN":
                found: Any = [
                    item
                    for each in listed
                    for item in _values(services.read_object(place["Bucket"], each["Key"]), config)
                ]
            else:
                found = listed
        else:
            found = _values(services.read_object(place.get("Bucket", ""), place.get("Key", "")), config)
    except LookupError as error:
        raise _failed(str(error)) from None
    most = _most(visit, config)
    if isinstance(found, dict):
        pairs = list(found.items())[:most]
        return [map_states.Item(at, {"Key": key, "Value": each}, key) for at, (key, each) in enumerate(pairs)]
    return [map_states.Item(at, each) for at, each in enumerate(found[:most])]


def _most(visit: Visit, config: dict[str, Any]) -> int | None:
    if "MaxItemsPath" in config:
        value = visit.lookup.value(config["MaxItemsPath"], visit.effective(), "MaxItemsPath")
    elif "MaxItems" in config and visit.jsonata:
        value = visit.expression(config["MaxItems"], "ItemReader/ReaderConfig/MaxItems")
    else:
        value = config.get("MaxItems")
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        shown = value if isinstance(value, str) else dump(value)
        path = config.get("MaxItemsPath", "MaxItems")
        message = f"The MaxItemsPath field refers to value '{shown}' which is not a valid integer: {path}"
        raise OwnError(READER, message)
    if value < 0:
        raise _failed("field MaxItems must be positive")
    # None at all are all of them.
    return value or None


def _values(content: bytes, config: dict[str, Any]) -> Any:
    """The items in an object of S3."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _failed("The object is no UTF-8 text.") from None
    kind = config.get("InputType", "JSON")
    if kind == "CSV":
        return _rows(text, config)
    try:
        if kind == "JSONL":
            return [load(line) for line in text.splitlines() if line.strip()]
        return _pointed(load(text), config.get("ItemsPointer"))
    except ValueError:
        raise _failed(f"Attempting to parse the object as {kind} failed.") from None


def _pointed(found: Any, pointer: str | None) -> Any:
    for part in (pointer or "").split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(part)] if isinstance(found, list) else found[part]
        except (LookupError, TypeError, ValueError):
            raise _failed(_POINTER) from None
    if not isinstance(found, (list, dict)):
        raise _failed("Attempting to map over non-iterable node.")
    return found


def _rows(text: str, config: dict[str, Any]) -> list[dict[str, str]]:
    rows = [
        row for row in csv.reader(io.StringIO(text), delimiter=_DELIMITERS[config.get("CSVDelimiter", "COMMA")]) if row
    ]
    if config.get("CSVHeaderLocation", "FIRST_ROW") == "GIVEN":
        headers = list(config.get("CSVHeaders") or [])
    else:
        headers, rows = (rows[0], rows[1:]) if rows else ([], [])
    # What a row lacks is an empty text, and what it has more is left out.
    return [{name: row[at] if at < len(row) else "" for at, name in enumerate(headers)} for row in rows]


def batched(visit: Visit, values: list[Any]) -> list[Input]:
    """The inputs of the child executions."""
    batcher = visit.state.get("ItemBatcher")
    if not batcher:
        return [Input(each) for each in values]
    most, largest = _limit(visit, batcher, "MaxItemsPerBatch"), _limit(visit, batcher, "MaxInputBytesPerBatch")
    shared: dict[str, Any] = {}
    if "BatchInput" in batcher:
        given = batcher["BatchInput"]
        if visit.jsonata:
            shared["BatchInput"] = visit.expression(given, "ItemBatcher/BatchInput")
        else:
            shared["BatchInput"] = visit.lookup.template(given, visit.effective())
    room = min(largest or LIMIT, LIMIT) - size(dump({**shared, "Items": []}))
    batches: list[list[Any]] = []
    used = 0
    for each in values:
        needed = size(dump(each)) + 1
        if not batches or used + needed > room or (most and len(batches[-1]) >= most):
            batches.append([])
            used = 0
        batches[-1].append(each)
        used += needed
    return [Input({**shared, "Items": batch}, len(batch)) for batch in batches]


def _limit(visit: Visit, batcher: dict[str, Any], field: str) -> int:
    if f"{field}Path" in batcher:
        value = visit.lookup.value(batcher[f"{field}Path"], visit.effective(), f"{field}Path")
    elif visit.jsonata and field in batcher:
        value = visit.expression(batcher[field], f"ItemBatcher/{field}")
    else:
        value = batcher.get(field, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        path = batcher.get(f"{field}Path", field)
        shown = value if isinstance(value, str) else dump(value)
        raise OwnError(RUNTIME, f'The {field}Path field refers to value "{shown}" which is not a valid integer: {path}')
    return value
