"""Step Functions' API where MiniStack leaves something out: tracing, Rekognition in definitions, what is described."""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions

from treino_local import patching

Record = dict[str, Any]


def install() -> None:
    # `arn:aws:states:::aws-sdk:rekognition:detectLabels` and its like.
    services = patching.of(stepfunctions, "_AWS_SDK_SERVICE_MAP", dict)
    services["rekognition"] = {"target_prefix": "RekognitionService", "protocol": "json"}
    patching.of(stepfunctions, "_AWS_SDK_ERROR_PREFIX", dict)["rekognition"] = "Rekognition"

    # MiniStack keeps a machine's logging, but not its tracing.
    machines = patching.of(stepfunctions, "_state_machines")
    for name in ("_create_state_machine", "_update_state_machine"):

        @patching.wrap(stepfunctions, name, "data")
        def keep_tracing(original: Any, data: Record) -> Any:
            answer = original(data)
            status, _, body = answer
            if status == 200 and "tracingConfiguration" in data:
                arn = data.get("stateMachineArn") or json.loads(body)["stateMachineArn"]
                machines[arn]["tracingConfiguration"] = data["tracingConfiguration"]
            return answer

    activities = patching.of(stepfunctions, "_activities")

    @patching.wrap(stepfunctions, "_list_tags_for_resource", "data")
    def list_tags_for_resource(original: Any, data: Record) -> Any:
        answer = original(data)
        arn = data.get("resourceArn", "")
        # A machine that is not there has no tags with MiniStack, which reads as somebody else's.
        if answer[0] == 200 and not (arn in machines or arn in activities):
            return error_response_json("ResourceNotFound", f"Resource not found: '{arn}'", 400)
        return answer

    @patching.wrap(stepfunctions, "_describe_execution", "data")
    def describe_execution(original: Any, data: Record) -> Any:
        status, headers, body = original(data)
        if status != 200:
            return status, headers, body
        described = json.loads(body)
        described = {key: value for key, value in described.items() if value is not None}
        if described["status"] != "SUCCEEDED":
            described.pop("output", None)
            described.pop("outputDetails", None)
        ended = described["status"] in ("FAILED", "TIMED_OUT", "ABORTED")
        described.update(redriveCount=0, redriveStatus="REDRIVABLE" if ended else "NOT_REDRIVABLE")
        if not ended:
            reason = f"Execution is {described['status']} and cannot be redriven"
            described["redriveStatusReason"] = reason
        return status, headers, json.dumps(described).encode()
