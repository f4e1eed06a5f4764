"""Histories of executions with the events AWS documents for tasks: scheduled, started, and how they ended.

MiniStack calls every task's resource by its ARN, leaves out that it started and what it was given,
and takes a function's ARN for any other task. What follows from what is for histories.py to say.
"""

import contextvars
import json

from ministack.core.responses import get_region
from ministack.services import stepfunctions

from treino_local import patching

_INTEGRATION = "arn:aws:states:::"

# The event of the task that is about to be invoked.
_scheduled = contextvars.ContextVar("scheduled", default=None)


def install():
    patching.function(stepfunctions, "_extract_lambda_ref", "resource")

    @patching.wrap(stepfunctions, "_add_event", "execution", "event_type", "details")
    def add_event(original, execution, event_type, details=None):
        kind, shape = _KINDS.get(event_type, (None, None))
        if kind is None or ":activity:" in (details or {}).get(f"{shape}EventDetails", {}).get("resource", ""):
            return original(execution, event_type, details)
        given = details[f"{shape}EventDetails"]
        resource = given["resource"]
        if kind == "Failed" and given["error"] == "States.Timeout":
            kind = "TimedOut"
        prefix, named = _named(resource, kind)
        rest = {key: value for key, value in given.items() if key in ("output", "error", "cause")}
        event = original(execution, *_event(prefix, kind, {**named, **rest}))
        if kind == "Scheduled":
            _scheduled.set(event)
            original(execution, *_event(prefix, "Started", named if prefix == "task" else None))
        return event

    for name, parameters in {
        "_invoke_resource": ("resource", "input_data"),
        "_invoke_with_callback": ("resource", "input_data", "token", "state_def"),
    }.items():

        @patching.wrap(stepfunctions, name, *parameters)
        def invoke(original, resource, input_data, *rest):
            event = _scheduled.get()
            for shape, field in (("task", "parameters"), ("lambdaFunction", "input")):
                details = (event or {}).get(f"{shape}ScheduledEventDetails")
                if details is not None:
                    details[field] = json.dumps(input_data)
            _scheduled.set(None)
            return original(resource, input_data, *rest)


# The events of tasks, and under which name MiniStack gives their details.
_KINDS = {
    "TaskScheduled": ("Scheduled", "taskScheduled"),
    "TaskSucceeded": ("Succeeded", "taskSucceeded"),
    "TaskFailed": ("Failed", "taskFailed"),
}


def _event(prefix, kind, details):
    name = f"{prefix}{kind}"
    return name[0].upper() + name[1:], details and {f"{name}EventDetails": details}


def _named(resource, kind):
    """Whether it is a task or a function's, and how the resource is called in its events."""
    if not resource.startswith(_INTEGRATION):
        if stepfunctions._extract_lambda_ref(resource):
            return "lambdaFunction", {"resource": resource} if kind == "Scheduled" else {}
        return "task", {"resourceType": "states", "resource": resource}
    parts = resource[len(_INTEGRATION):].split(":")
    of_service = 2 if parts[0] == "aws-sdk" else 1
    named = {"resourceType": ":".join(parts[:of_service]), "resource": ":".join(parts[of_service:])}
    if kind == "Scheduled":
        named.update({"region": get_region(), "parameters": "{}"})
    return "task", named
