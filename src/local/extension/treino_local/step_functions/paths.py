"""A JSONPath that leads nowhere ends the execution with States.Runtime; MiniStack goes on with null.

Only where AWS insists on a value: the fields of Parameters, ResultSelector, ItemSelector and Assign that
end in `.$`, InputPath and OutputPath. A Choice may ask for what is not there.
"""

import contextvars
import json

from ministack.services import stepfunctions

from treino_local import patching

_insisting = contextvars.ContextVar("insisting", default=False)


def install():
    patching.function(stepfunctions, "_parse_jsonpath_tokens", "path")
    for name, parameters in {
        "_resolve_params_obj": ("template", "data", "ctx"),
        "_apply_input_path": ("state_def", "data", "ctx"),
        "_apply_output_path": ("state_def", "data", "ctx"),
    }.items():
        patching.wrap(stepfunctions, name, *parameters)(_insist)

    @patching.wrap(stepfunctions, "_resolve_ctx_path", "path", "ctx")
    def resolve_ctx_path(original, path, ctx):
        # MiniStack's context object is not complete.
        token = _insisting.set(False)
        try:
            return original(path, ctx)
        finally:
            _insisting.reset(token)

    @patching.wrap(stepfunctions, "_resolve_path", "path", "data")
    def resolve_path(original, path, data):
        found = original(path, data)
        if found is None and _insisting.get() and not _leads_somewhere(path, data):
            raise stepfunctions._ExecutionError(
                "States.Runtime", f"The JSONPath '{path}' could not be found in the input '{json.dumps(data)}'"
            )
        return found


def _insist(original, *arguments):
    token = _insisting.set(True)
    try:
        return original(*arguments)
    finally:
        _insisting.reset(token)


def _leads_somewhere(path, data):
    """Whether there is a null at the end of the path."""
    tokens = stepfunctions._parse_jsonpath_tokens(path)
    if tokens is None:
        return False
    for kind, value in tokens:
        if kind == "field" and isinstance(data, dict) and value in data:
            data = data[value]
        elif kind == "index" and isinstance(data, list) and value < len(data):
            data = data[value]
        else:
            return False
    return True
