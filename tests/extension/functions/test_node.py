"""What a Node.js function gets, and how its answers and errors are told."""

import json
import shutil
from collections.abc import Callable

import pytest
from functions_support import Local

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")

_REQUIRES = "const { S3Client } = require('@aws-sdk/client-s3'); exports.handler = async () => S3Client.name;"
_IMPORTS = "import { S3Client } from '@aws-sdk/client-s3'; export const handler = async () => S3Client.name;"


def node(local: Local, code: str | dict[str, str], handler: str = "index.handler", runtime: str = "nodejs22.x") -> str:
    return local.make(code, handler, runtime)


@pytest.mark.parametrize(
    ("file", "code", "more"),
    [
        ("index.js", _REQUIRES, {}),
        ("index.mjs", _IMPORTS, {}),
        ("index.js", _IMPORTS, {"package.json": '{"type": "module"}'}),
        ("index.cjs", _REQUIRES, {}),
    ],
)
def test_the_sdk_is_found(local: Local, file: str, code: str, more: dict[str, str]) -> None:
    assert local.call(node(local, {file: code, **more})) == "S3Client"


def test_without_the_sdk_it_says_what_to_do(another: Callable[..., Local]) -> None:
    local = another(TREINO_LOCAL_NODE_MODULES="/nowhere")
    for files in ({"index.js": "require('@aws-sdk/client-s3')"}, {"index.mjs": "import '@aws-sdk/client-s3'"}):
        error = local.fail(node(local, files))
        assert error["errorType"] == "Runtime.ImportModuleError"
        assert "@aws-sdk/client-s3" in error["errorMessage"]
        assert "`treino local up`" in error["errorMessage"]


def test_earlier_runtimes_have_no_sdk_v3(local: Local) -> None:
    error = local.fail(node(local, "require('@aws-sdk/client-s3')", runtime="nodejs16.x"))
    assert "nodejs18.x and later" in error["errorMessage"]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("return undefined", "null"),
        ("return {a: undefined, b: [undefined]}", '{"b":[null]}'),
        ("return NaN", "null"),
        ("return new Date(0)", '"1970-01-01T00:00:00.000Z"'),
        ("return 'é'", '"é"'),
        ("return () => 1", "null"),
    ],
)
def test_answers(local: Local, body: str, answer: str) -> None:
    assert local.raw(node(local, f"exports.handler = async () => {{ {body} }}")) == (None, answer)


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ("return 10n", "Error", "Unable to stringify response body"),
        ("const a = {}; a.a = a; return a", "Error", "Unable to stringify response body"),
        ("throw new TypeError('no')", "TypeError", "no"),
        ("throw 'text'", "string", "text"),
        ("await new Promise(() => {})", "Runtime.NodeJsExit", None),
    ],
)
def test_errors_leave_the_process_warm(local: Local, body: str, kind: str, message: str | None) -> None:
    name = node(local, f"let n = 0; exports.handler = async (event) => {{ n += 1; if (event) {{ {body} }} return n }}")
    assert local.call(name) == 1
    error = local.fail(name, 1)
    assert error["errorType"] == kind
    assert message in (None, error["errorMessage"])
    assert local.call(name) == 3


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            "setTimeout(() => { throw new RangeError('later') }, 1); await new Promise(r => setTimeout(r, 500))",
            "RangeError",
        ),
        (
            "Promise.reject(new Error('x')); await new Promise(r => setTimeout(r, 500))",
            "Runtime.UnhandledPromiseRejection",
        ),
        ("process.exit(2)", "Runtime.ExitError"),
    ],
)
def test_what_ends_the_process_ends_it_and_the_next_is_new(local: Local, body: str, kind: str) -> None:
    name = node(local, f"let n = 0; exports.handler = async (event) => {{ n += 1; if (event) {{ {body} }} return n }}")
    assert local.call(name) == 1
    assert local.fail(name, 1)["errorType"] == kind
    assert local.call(name) == 1


@pytest.mark.parametrize(
    ("files", "handler", "kind", "message"),
    [
        (
            {"index.js": "let x = ;"},
            "index.handler",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: Unexpected token ';'",
        ),
        (
            {"index.mjs": "let x = ;"},
            "index.handler",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: Unexpected token ';'",
        ),
        ({"index.js": ""}, "index.handler", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
        (
            {"index.js": "exports.handler = 1"},
            "index.handler",
            "Runtime.HandlerNotFound",
            "index.handler is not a function",
        ),
        ({"index.js": ""}, "index", "Runtime.MalformedHandlerName", "Bad handler"),
        ({"index.js": "throw new Error('at load')"}, "index.handler", "Error", "at load"),
        (
            {"index.js": "require('is-odd')"},
            "index.handler",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'is-odd'\nRequire stack:\n- /var/task/index.js\n- /var/runtime/index.mjs",
        ),
    ],
)
def test_code_that_cannot_be_loaded(local: Local, files: dict[str, str], handler: str, kind: str, message: str) -> None:
    error = local.fail(node(local, files, handler))
    assert (error["errorType"], error["errorMessage"]) == (kind, message)
    assert set(error) == {"errorType", "errorMessage", "trace"}


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("exports.handler = (e, c, callback) => { setTimeout(() => callback(null, 'later'), 20) }", "later"),
        ("exports.handler = (e, c, callback) => { setTimeout(() => { e = 'waited' }, 300); callback(null, e) }", None),
        ("exports.handler = (e, c) => c.succeed('done')", "done"),
        ("exports.handler = (e) => 5", None),
        (
            "exports.handler = (e, c, callback) => { c.callbackWaitsForEmptyEventLoop = false; "
            "setInterval(() => {}, 9); callback(null, 1) }",
            1,
        ),
    ],
)
def test_handlers_without_a_promise(local: Local, code: str, answer: str | int | None) -> None:
    name = node(local, code, runtime="nodejs20.x")
    assert [local.call(name), local.call(name)] == [answer, answer]


def test_a_streaming_handler_is_answered_at_its_end(local: Local) -> None:
    code = (
        "exports.handler = awslambda.streamifyResponse(async (event, stream) => { stream.write('a'); stream.end('b') })"
    )
    assert local.raw(node(local, code)) == (None, "ab")


def test_the_console_has_time_request_and_level(local: Local) -> None:
    name = node(local, "exports.handler = async () => { console.log('a', {b: 1}); console.error('two\\nlines') }")
    local.call(name)
    lines = [line.rstrip("\n").split("\t") for line in local.messages(name) if "\t" in line and "REPORT" not in line]
    assert [line[2:] for line in lines] == [["INFO", "a { b: 1 }"], ["ERROR", "two\nlines"]]
    assert all(len(line[1]) == 36 and line[0].endswith("Z") for line in lines)


def test_the_log_in_json(local: Local) -> None:
    name = local.make(
        "exports.handler = async () => { console.warn('careful'); console.debug('not shown') }",
        "index.handler",
        "nodejs22.x",
        LoggingConfig={"LogFormat": "JSON"},
    )
    local.call(name)
    found = [json.loads(line) for line in local.messages(name) if line.startswith("{")]
    assert [(line["level"], line["message"]) for line in found if "message" in line] == [("WARN", "careful")]
