"""A function's exception keeps its name: errorType, errorMessage and stack trace as Lambda answers them.

MiniStack's workers send the message and the trace, and everything becomes Runtime.HandlerError,
so that a machine's Retry and Catch on the function's own errors never match. The workers are made
to send the name too, and it takes the way round the code between that drops it.

A change of a function ends its own workers, and not those of its namesakes in other accounts.
"""

import re
import threading

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

from treino_local import patching

# The worker and what reads its answer run in the same thread.
_last = threading.local()

# How a worker that could not load its function is reported: of Python by the name of the exception,
# of Node.js by Lambda's name already.
_INIT_FAILED = re.compile(r"Worker init failed: ([\w.]+)\|(.*)", re.DOTALL)
_INIT_ERRORS = {
    "ModuleNotFoundError": ("Runtime.ImportModuleError", "Unable to import module: {}"),
    "ImportError": ("Runtime.ImportModuleError", "Unable to import module: {}"),
    "SyntaxError": ("Runtime.UserCodeSyntaxError", "Syntax error in module: {}"),
    "AttributeError": ("Runtime.HandlerNotFound", "{}"),
}


def install():
    # Read when the process ends: process.stop_functions.
    patching.of(lambda_runtime, "_workers", dict)
    patching.edit(
        lambda_runtime, "_PYTHON_WORKER_SCRIPT",
        '"error": str(e), "trace": traceback.format_exc()}',
        '"error": str(e), "name": type(e).__name__, "frames": [frame.replace(code_dir, "/var/task") for frame in '
        'traceback.format_list(traceback.extract_tb(e.__traceback__)[1:])], "trace": traceback.format_exc()}',
    )
    patching.edit(
        lambda_runtime, "_PYTHON_WORKER_SCRIPT",
        '{"status": "error", "error": str(e)}',
        '{"status": "error", "error": type(e).__name__ + "|" + str(e)}',
    )
    patching.edit(
        lambda_runtime, "_NODEJS_WORKER_SCRIPT",
        'error: String(err.message || err), trace: err.stack || ""',
        'error: String(err.message || err), name: err.name || "Error", trace: err.stack || ""',
    )
    patching.edit(
        lambda_runtime, "_NODEJS_WORKER_SCRIPT",
        "error: `Handler ${handlerName} is not a function in ${modPath}`",
        'error: `Runtime.HandlerNotFound|${modPath}.${handlerName} is ` '
        '+ (handlerFn ? "not a function" : "undefined or not exported")',
    )
    patching.edit(
        lambda_runtime, "_NODEJS_WORKER_SCRIPT",
        'status: "error", error: e.message\n',
        'status: "error", error: (e instanceof SyntaxError ? `Runtime.UserCodeSyntaxError|${e}` '
        ': e && e.code === "MODULE_NOT_FOUND" ? `Runtime.ImportModuleError|${e}` '
        ': e instanceof Error ? `${e.name}|${e.message}` : `Error|${e}`).replaceAll(code_dir, "/var/task")\n',
    )
    patching.edit(
        lambda_runtime, "_NODEJS_WORKER_SCRIPT",
        "error: e.message, trace: e.stack",
        "error: e.message, name: e.name, trace: e.stack",
    )

    @patching.wrap(lambda_runtime.Worker, "invoke", "self", "event", "request_id")
    def invoke(original, *arguments, **options):
        _last.answer = original(*arguments, **options)
        return _last.answer

    @patching.wrap(lambda_svc, "invalidate_worker", "func_name", "qualifier", "account", "region")
    def invalidate_worker(original, func_name, qualifier=None, account=None, region=None):
        # UpdateFunctionConfiguration does not say whose function it is, and ends all of that name.
        return original(func_name, qualifier, account or get_account_id(), region or get_region())

    @patching.wrap(lambda_svc, "_execute_function_warm", "func", "event", "request_id")
    def execute_function_warm(original, func, event, request_id):
        _last.answer = None
        result = original(func, event, request_id)
        if result.get("error") and "errorMessage" in result["body"]:
            result["body"] = _named(result["body"], _last.answer or {}, request_id)
        return result


def _named(body, answer, request_id):
    failed = _INIT_FAILED.fullmatch(body["errorMessage"])
    if failed:
        name, text = failed.groups()
        kind, message = _INIT_ERRORS.get(name, (name, "{}"))
        return {"errorMessage": message.format(text), "errorType": kind, "requestId": request_id, "stackTrace": []}
    if body["errorMessage"] == "Worker process died":
        return {"errorMessage": "Runtime exited without providing a reason", "errorType": "Runtime.ExitError"}
    if "name" not in answer:
        return body
    named = {"errorMessage": body["errorMessage"], "errorType": answer["name"]}
    if "frames" in answer:
        return {**named, "requestId": request_id, "stackTrace": [_unmarked(frame) for frame in answer["frames"]]}
    return {**named, "trace": answer.get("trace", "").splitlines()}  # Node.js


def _unmarked(frame):
    """The frame without the lines that only mark the place with ^^^."""
    return "\n".join(line for line in frame.splitlines() if line.strip(" ~^"))
