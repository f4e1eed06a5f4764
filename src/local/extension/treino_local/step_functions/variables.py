"""Variables in JSONPath: `Assign`, and `$name` wherever a path may stand. MiniStack knows them in JSONata only."""

import contextvars
import re

from ministack.services import stepfunctions

from treino_local import patching

_REFERENCE = re.compile(r"\$(?P<name>[A-Za-z_]\w*)(?P<rest>.*)", re.DOTALL)

# The variables of the execution, and what is known of the state that runs: its result, whether it was caught.
_variables = contextvars.ContextVar("variables", default=None)
_state = contextvars.ContextVar("state", default=None)


def install():
    patching.function(stepfunctions, "_resolve_params_obj", "template", "data", "ctx")
    patching.function(stepfunctions, "_apply_input_path", "state_def", "data", "ctx")
    patching.function(stepfunctions, "_state_query_language", "state_def", "ctx")
    patching.function(stepfunctions, "_evaluate_rule", "rule", "data", "ctx")
    for name, parameters in {
        "_execute_pass": ("state_def", "raw_input", "ctx"),
        "_execute_choice": ("state_def", "raw_input", "ctx"),
        "_execute_wait": ("state_def", "raw_input", "ctx"),
        "_execute_task": ("state_def", "raw_input", "execution", "ctx"),
        "_execute_parallel": ("state_def", "raw_input", "execution", "ctx"),
        "_execute_map": ("state_def", "raw_input", "execution", "ctx"),
    }.items():
        patching.wrap(stepfunctions, name, *parameters)(_executed)

    @patching.wrap(stepfunctions, "_apply_result_selector", "state_def", "data")
    def apply_result_selector(original, state_def, data):
        result = original(state_def, data)
        if _state.get() is not None:
            _state.get()["result"] = result
        return result

    @patching.wrap(stepfunctions, "_apply_catcher", "catcher", "raw_input", "ctx", "query_language", "error_output")
    def apply_catcher(original, catcher, raw_input, ctx, query_language, error_output):
        if _state.get() is not None:
            _state.get()["caught"] = True
        output = original(catcher, raw_input, ctx, query_language, error_output)
        if query_language != "JSONata":
            _assign(catcher, error_output, ctx)
        return output

    @patching.wrap(stepfunctions, "_resolve_path", "path", "data")
    def resolve_path(original, path, data):
        named = _REFERENCE.fullmatch(path) if isinstance(path, str) else None
        if named is None:
            return original(path, data)
        variables = _variables.get() or {}
        if named["name"] not in variables:
            raise stepfunctions._ExecutionError("States.Runtime", f"The variable ${named['name']} is not assigned.")
        return original(f"${named['rest']}", variables[named["name"]])


def _executed(original, state_def, raw_input, *rest):
    ctx = rest[-1] if rest else None
    if ctx is None:
        return original(state_def, raw_input, *rest)
    # A task inside it runs in a context of its own; this one is seen again when the state ends.
    variables, state = _variables.set(ctx.setdefault("variables", {})), _state.set({})
    try:
        answer = original(state_def, raw_input, *rest)
        if not _state.get().get("caught") and stepfunctions._state_query_language(state_def, ctx) != "JSONata":
            _assign_of(state_def, raw_input, ctx)
        return answer
    finally:
        _variables.reset(variables)
        _state.reset(state)


def _assign_of(state_def, raw_input, ctx):
    data = _state.get().get("result")
    if "result" not in _state.get():
        data = stepfunctions._apply_input_path(state_def, raw_input, ctx)
    rules = state_def.get("Choices", []) if state_def.get("Type") == "Choice" else []
    # The rule that fits has an Assign of its own; the state's is for Default.
    fits = next((rule for rule in rules if stepfunctions._evaluate_rule(rule, data, ctx)), state_def)
    _assign(fits, data, ctx)


def _assign(holder, data, ctx):
    if isinstance(holder.get("Assign"), dict):
        # All are evaluated before any is assigned.
        ctx["variables"].update(stepfunctions._resolve_params_obj(holder["Assign"], data, ctx))
