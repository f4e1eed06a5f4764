"""The records in the folder beside this file: a definition, an input, and what AWS answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from interpreter import Services, kinds, previous, ran

FOLDER = Path(__file__).parent / "records"
FIELDS = {
    "name",
    "input",
    "output",
    "error",
    "cause",
    "status",
    "events",
    "previous",
    "tasks",
    "objects",
    "called",
    "machine",
    "state",
    "parameter",
    "jsonata",
    "rule",
    "condition",
    "type",
    "matches",
    "written",
}
ENDS = ("Succeed", "Fail", "Choice")


def records() -> list[Any]:
    found = []
    for file in sorted(FOLDER.glob("*.yaml")):
        for number, record in enumerate(yaml.safe_load(file.read_text())):
            unknown = set(record) - FIELDS
            assert not unknown, f"{file.name}: unknown fields {unknown}"
            name = record.get("name") or record.get("parameter") or record.get("jsonata") or json.dumps(record)
            found.append(pytest.param(record, id=f"{file.stem}-{number}-{name}"[:120]))
    return found


def definition(record: dict[str, Any]) -> dict[str, Any]:
    """The machine of a record, which may be shortened to what it is about."""
    if "machine" in record:
        return dict(record["machine"])
    if "parameter" in record:
        state: dict[str, Any] = {"Type": "Pass", "Parameters": {"v.$": record["parameter"]}, "OutputPath": "$.v"}
    elif "jsonata" in record:
        state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": f"{{% {record['jsonata']} %}}"}
    elif "rule" in record or "condition" in record:
        choice: dict[str, Any] = {"Type": "Choice", "Default": "F"}
        if "rule" in record:
            choice["Choices"] = [{**record["rule"], "Next": "T"}]
        else:
            choice["QueryLanguage"] = "JSONata"
            choice["Choices"] = [{"Condition": f"{{% {record['condition']} %}}", "Next": "T"}]
        ends: dict[str, Any] = {name: {"Type": "Pass", "Result": name == "T", "End": True} for name in "TF"}
        return {"StartAt": "S", "States": {"S": choice, **ends}}
    else:
        state = dict(record["state"])
    if state["Type"] not in ENDS:
        state["End"] = True
    return {"StartAt": "S", "States": {"S": state}}


@pytest.mark.parametrize("record", records())
def test_record(record: dict[str, Any]) -> None:
    services = Services(record.get("tasks"), record.get("objects"))
    execution = ran(definition(record), record.get("input"), services, kind=record.get("type", "STANDARD"))
    found = execution.record
    expected = record.get("status") or ("FAILED" if "error" in record or "cause" in record else "SUCCEEDED")
    assert found["status"] == expected, (found["status"], found.get("error"), found.get("cause"), found["output"])
    if "output" in record:
        # Compared as text as well, so that 1 is not true and 1.0 is not 1.
        assert json.loads(found["output"]) == record["output"]
        assert json.dumps(json.loads(found["output"]), sort_keys=True) == json.dumps(record["output"], sort_keys=True)
    if "error" in record:
        assert found["error"] == record["error"], found
    if "cause" in record:
        assert found["cause"] == record["cause"]
    if "matches" in record:
        assert record["matches"] in found["cause"]
    if "events" in record:
        assert kinds(execution) == record["events"]
    if "previous" in record:
        assert previous(execution) == record["previous"]
    if "called" in record:
        assert [call.arguments for call in services.calls] == record["called"]
    if "written" in record:
        assert len(services.objects) == record["written"]
