"""Step Functions: Arguments, Output and Assign of a Parallel state in JSONata, which MiniStack passes over."""

from ministack.services import stepfunctions

from treino_local import patching

_JSONPATH = ("InputPath", "Parameters", "ResultSelector", "ResultPath", "OutputPath")


def install():
    patching.function(stepfunctions, "_state_query_language", "state_def", "ctx")
    arguments = patching.function(stepfunctions, "_apply_jsonata_arguments", "state_def", "raw_input", "ctx")
    output = patching.function(stepfunctions, "_apply_jsonata_output", "state_def", "raw_input", "ctx", "result")
    assign = patching.function(stepfunctions, "_apply_state_assign", "state_def", "raw_input", "ctx", "result")

    @patching.wrap(stepfunctions, "_run_parallel_branches", "state_def", "raw_input", "execution", "ctx")
    def run_branches(original, state_def, raw_input, execution, ctx):
        if stepfunctions._state_query_language(state_def, ctx) != "JSONata":
            return original(state_def, raw_input, execution, ctx)
        given = arguments(state_def, raw_input, ctx)
        plain = {key: value for key, value in state_def.items() if key not in _JSONPATH}
        result, next_state = original(plain, given, execution, ctx)
        shown = output(state_def, raw_input, ctx, result=result, default=result)
        assign(state_def, raw_input, ctx, result=result)
        return shown, next_state
