"""What was under way when the local AWS ended, and does not go on: it is brought to an end after the start.

Of executions that is `step_functions.start_and_stop`'s to do.
"""

from __future__ import annotations

from typing import Any

from ministack import app

_TRANSITIONS = (("State", "Pending", "Active"), ("LastUpdateStatus", "InProgress", "Successful"))


def settle() -> None:
    """Once everything is read."""
    functions = app._loaded_modules.get("lambda_svc")
    for function in functions._functions._data.values() if functions else ():
        for config in (function.get("config") or {}, *(each.get("config") or {} for each in _versions(function))):
            if (config.get("SnapStart") or {}).get("OptimizationStatus") != "On":
                # What MiniStack does half a second after a change.
                for name, old, new in _TRANSITIONS:
                    if config.get(name) == old:
                        config.update({name: new, f"{name}Reason": "", f"{name}ReasonCode": ""})
    tables = app._loaded_modules.get("dynamodb")
    for table in tables._tables._data.values() if tables else ():
        for status in ("CREATING", "UPDATING"):
            _settle(table, "TableStatus", status, "ACTIVE")
            for index in table.get("GlobalSecondaryIndexes") or ():
                _settle(index, "IndexStatus", status, "ACTIVE")


def _versions(function: dict[str, Any]) -> list[dict[str, Any]]:
    return list((function.get("versions") or {}).values())


def _settle(record: dict[str, Any], name: str, old: str, new: str) -> None:
    if record.get(name) == old:
        record[name] = new
