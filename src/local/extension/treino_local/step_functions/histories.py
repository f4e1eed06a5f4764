"""Histories as Step Functions writes them: what follows from what, and the states inside Parallel and Map.

MiniStack's events have no previousEventId, and the states of branches and iterations leave none at all, so that
nobody can see which branch a task's event belongs to. The results of lambda:invoke lack the request id, by which the
function's log lines are found.
"""

import contextvars
import copy
import json
import threading

from ministack.services import lambda_svc, stepfunctions

from treino_local import patching

# The events of one line of an execution, which may have several at once.
_chain = contextvars.ContextVar("chain", default=None)
# The Parallel or Map state whose branches or iterations the threads started now are.
_group = contextvars.ContextVar("group", default=None)
# Two branches must not give their events the same number.
_numbering = threading.Lock()


# The request id of the function that this thread called last.
_called = threading.local()


class _Chain:
    def __init__(self, execution, last):
        self.execution = execution
        self.last = last


class _Group:
    def __init__(self, kind, name, execution):
        self.kind, self.name, self.execution = kind, name, execution
        self.chain = _chain.get()
        self.started = self.chain.last if self.chain else 0
        self.map_run = None


def install():
    patching.of(stepfunctions, "_ExecutionError", type)
    for name, parameters in {
        "_execute_pass": ("state_def", "raw_input", "ctx"),
        "_execute_task": ("state_def", "raw_input", "execution", "ctx"),
        "_execute_choice": ("state_def", "raw_input", "ctx"),
        "_execute_wait": ("state_def", "raw_input", "ctx"),
        "_execute_parallel": ("state_def", "raw_input", "execution", "ctx"),
        "_execute_map": ("state_def", "raw_input", "execution", "ctx"),
        "_fail_state_error": ("state_def", "raw_input", "ctx"),
        "_apply_input_path": ("state_def", "data", "ctx"),
        "_apply_output_path": ("state_def", "data", "ctx"),
        "_state_query_language": ("state_def", "ctx"),
        "_jsonata_state_field": ("state_def", "field", "expected", "raw_input", "ctx"),
        "_resolve_path_or_ctx": ("path", "data", "ctx"),
        "now_iso": (),
    }.items():
        patching.function(stepfunctions, name, *parameters)

    @patching.wrap(stepfunctions, "_add_event", "execution", "event_type", "details")
    def add_event(original, execution, event_type, details=None):
        # What was stopped, or timed out, leaves nothing more: what is still under way is not seen.
        if execution.get("status", "RUNNING") != "RUNNING" and not event_type.startswith("Execution"):
            return {}
        chain = _chain.get()
        with _numbering:
            ours = chain is not None and chain.execution is execution
            previous = chain.last if ours else len(execution["events"])
            event = original(execution, event_type, {"previousEventId": previous, **(details or {})})
            if ours:
                chain.last = event["id"]
        return event

    @patching.wrap(lambda_svc, "_emit_lambda_logs", "func", "request_id", "log_text")
    def emit_lambda_logs(original, func, request_id, *arguments, **options):
        _called.request_id = request_id
        return original(func, request_id, *arguments, **options)

    @patching.wrap(stepfunctions, "_invoke_resource", "resource", "input_data")
    def invoke_resource(original, resource, input_data):
        _called.request_id = None
        result = original(resource, input_data)
        if "states:::lambda:invoke" in resource and isinstance(result, dict) and _called.request_id:
            result["SdkResponseMetadata"] = {"RequestId": _called.request_id}
        return result

    @patching.wrap(stepfunctions, "_run_execution", "exec_arn")
    def run_execution(original, exec_arn):
        before = _chain.set(_Chain(stepfunctions._executions.get(exec_arn), 0))
        try:
            original(exec_arn)
        finally:
            _chain.reset(before)

    @patching.wrap(stepfunctions, "_run_parallel_branches", "state_def", "raw_input", "execution", "ctx")
    def run_parallel_branches(original, state_def, raw_input, execution, ctx):
        stepfunctions._add_event(execution, "ParallelStateStarted")
        return _together("Parallel", execution, ctx, lambda: original(state_def, raw_input, execution, ctx))

    @patching.wrap(stepfunctions, "_run_map_items", "state_def", "raw_input", "execution", "ctx")
    def run_map_items(original, state_def, raw_input, execution, ctx):
        processor = state_def.get("Iterator") or state_def.get("ItemProcessor", {})
        if (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED":
            return _together("MapRun", execution, ctx, lambda: original(state_def, raw_input, execution, ctx))
        length = _length(state_def, raw_input, ctx)
        stepfunctions._add_event(execution, "MapStateStarted", {"mapStateStartedEventDetails": {"length": length}})
        return _together("Map", execution, ctx, lambda: original(state_def, raw_input, execution, ctx))

    @patching.wrap(stepfunctions, "_run_sub_machine", "states", "start_at", "input_data", "execution", "ctx")
    def run_sub_machine(_, states, start_at, input_data, execution, ctx):
        group = _group.get()
        if group.kind == "MapRun":
            _map_run_started(group, execution.get("mapRunArn"))
        chain = _Chain(execution, group.started if group.kind != "MapRun" else 0)
        before = _chain.set(chain)
        try:
            if group.kind != "Map":
                return _walk(states, start_at, input_data, execution, ctx)
            details = {"name": group.name, "index": ctx["Map"]["Item"]["Index"]}
            _iteration(execution, "Started", details)
            try:
                result = _walk(states, start_at, input_data, execution, ctx)
            except Exception:
                _iteration(execution, "Failed", details)
                raise
            _iteration(execution, "Succeeded", details)
            return result
        finally:
            _chain.reset(before)
            # What follows the state follows from the branch that ended last.
            if group.kind != "MapRun" and group.chain:
                group.chain.last = chain.last


def _iteration(execution, what, details):
    stepfunctions._add_event(execution, f"MapIteration{what}", {f"mapIteration{what}EventDetails": details})


def _together(kind, execution, ctx, run):
    group = _Group(kind, ctx["State"]["Name"], execution)
    before = _group.set(group)
    prefix = kind if kind == "MapRun" else f"{kind}State"
    try:
        result = run()
    except stepfunctions._ExecutionError as failure:
        details = {"error": failure.error, "cause": failure.cause}
        details = {"mapRunFailedEventDetails": details} if kind == "MapRun" else None
        stepfunctions._add_event(execution, f"{prefix}Failed", details)
        raise
    finally:
        _group.reset(before)
    stepfunctions._add_event(execution, f"{prefix}Succeeded")
    return result


def _map_run_started(group, arn):
    """A map run's name is known once its first child is."""
    with _starting:
        if group.map_run:
            return
        group.map_run = arn
    before = _chain.set(group.chain)
    stepfunctions._add_event(group.execution, "MapRunStarted", {"mapRunStartedEventDetails": {"mapRunArn": arn}})
    _chain.reset(before)


_starting = threading.Lock()


def _length(state_def, raw_input, ctx):
    if stepfunctions._state_query_language(state_def, ctx) == "JSONata" and "Items" in state_def:
        items = stepfunctions._jsonata_state_field(state_def, "Items", "array", raw_input, ctx)
    else:
        effective = stepfunctions._apply_input_path(state_def, raw_input, ctx)
        items = stepfunctions._resolve_path_or_ctx(state_def.get("ItemsPath", "$"), effective, ctx)
    return len(items) if isinstance(items, list) else 1


def _walk(states, name, input_data, execution, ctx):
    """MiniStack's own walk through the states of a branch or iteration, but each leaves its events."""
    data = copy.deepcopy(input_data)
    # Branches run at the same time: each is in a state of its own.
    ctx = {**ctx}
    while name and execution.get("status", "RUNNING") == "RUNNING":
        state = states.get(name)
        if not state:
            raise stepfunctions._ExecutionError("States.Runtime", f"State '{name}' not found")
        kind = state.get("Type")
        ctx["State"] = {"Name": name, "EnteredTime": stepfunctions.now_iso(), "RetryCount": 0}
        stepfunctions._add_event(execution, f"{kind}StateEntered", {
            "stateEnteredEventDetails": {"name": name, "input": json.dumps(data)},
        })
        if kind == "Fail":
            raise stepfunctions._ExecutionError(*stepfunctions._fail_state_error(state, data, ctx))
        if kind == "Succeed":
            data = stepfunctions._apply_output_path(state, stepfunctions._apply_input_path(state, data, ctx), ctx)
            following = None
        elif kind in ("Task", "Parallel", "Map"):
            data, following = getattr(stepfunctions, f"_execute_{kind.lower()}")(state, data, execution, ctx)
        elif kind in ("Pass", "Choice", "Wait"):
            data, following = getattr(stepfunctions, f"_execute_{kind.lower()}")(state, data, ctx)
        else:
            raise stepfunctions._ExecutionError("States.Runtime", f"Unknown state type: {kind}")
        stepfunctions._add_event(execution, f"{kind}StateExited", {
            "stateExitedEventDetails": {"name": name, "output": json.dumps(data)},
        })
        name = following
    return data
