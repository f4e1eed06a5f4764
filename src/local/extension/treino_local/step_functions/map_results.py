"""What a distributed Map state leaves: the outputs of its executions, or where ResultWriter wrote them."""

from __future__ import annotations

import uuid
from typing import Any

from treino_local.step_functions.documents import dump, load
from treino_local.step_functions.errors import WRITER, OwnError
from treino_local.step_functions.visits import Visit

Record = dict[str, Any]


def result(visit: Visit, map_run: str, succeeded: list[Record], failed: list[Record]) -> Any:
    writer = visit.state.get("ResultWriter") or {}
    config = writer.get("WriterConfig") or {}
    if "Resource" not in writer:
        return _transformed(succeeded, config.get("Transformation", "COMPACT"))
    if visit.jsonata:
        place = visit.expression(writer.get("Arguments", {}), "ResultWriter/Arguments")
    else:
        place = visit.lookup.template(writer.get("Parameters", {}), visit.effective())
    bucket, prefix = place.get("Bucket", ""), place.get("Prefix", "").rstrip("/")
    folder = f"{prefix}/{uuid.uuid4()}" if prefix else str(uuid.uuid4())
    services = visit.line.execution.services
    transformation = config.get("Transformation", "NONE")
    extension = "jsonl" if config.get("OutputType") == "JSONL" else "json"
    files: dict[str, list[Record]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    try:
        for status, records in (("SUCCEEDED", succeeded), ("FAILED", failed)):
            if not records:
                continue
            values = _transformed(records, transformation if status == "SUCCEEDED" else "NONE")
            text = "".join(f"{dump(each)}\n" for each in values) if extension == "jsonl" else dump(values)
            content, key = text.encode(), f"{folder}/{status}_0.{extension}"
            services.write_object(bucket, key, content)
            files[status].append({"Key": key, "Size": len(content)})
        manifest = {"DestinationBucket": bucket, "MapRunArn": map_run, "ResultFiles": files}
        services.write_object(bucket, f"{folder}/manifest.json", dump(manifest).encode())
    except LookupError as error:
        raise OwnError(WRITER, f"Failed to write to the S3 bucket: {error}") from None
    return {"MapRunArn": map_run, "ResultWriterDetails": {"Bucket": bucket, "Key": f"{folder}/manifest.json"}}


def _transformed(records: list[Record], transformation: str) -> list[Any]:
    if transformation == "NONE":
        return [_described(each) for each in records]
    outputs = [load(each["output"]) for each in records]
    if transformation != "FLATTEN":
        return outputs
    flat: list[Any] = []
    for each in outputs:
        flat.extend(each if isinstance(each, list) else [each])
    return flat


def _described(record: Record) -> Record:
    """A child execution as DescribeExecution shows it."""
    ended = "SUCCEEDED" if record["status"] == "SUCCEEDED" else "FAILED"
    found = {
        "ExecutionArn": record["executionArn"],
        "Input": record["input"],
        "InputDetails": {"Included": True},
        "Name": record["name"],
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE" if ended == "SUCCEEDED" else "REDRIVABLE_BY_MAP_RUN",
        "StartDate": record["startDate"],
        "StateMachineArn": record["stateMachineArn"],
        "Status": record["status"],
        "StopDate": record["stopDate"],
    }
    if ended == "SUCCEEDED":
        return {**found, "Output": record["output"], "OutputDetails": {"Included": True}}
    return {**found, "Error": record.get("error"), "Cause": record.get("cause")}
