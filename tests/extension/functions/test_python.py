"""What a Python function gets, and how its answers and errors are told."""

import base64
import json
from typing import Any

import pytest
from functions_support import Local, zipped
from support import ACCOUNT, REGION

EVALUATE = """
import collections, datetime, decimal, os, sys
def handler(event, context):
    return eval(event)
"""


@pytest.fixture(scope="module")
def evaluate(local: Local) -> str:
    return local.make(EVALUATE)


def test_it_sees_boto3_and_nothing_of_the_local_aws(local: Local) -> None:
    name = local.make("""
import importlib.util
def handler(event, context):
    return [name for name in event if importlib.util.find_spec(name)]
""")
    asked = ["boto3", "botocore", "PIL", "numpy", "cv2", "ministack", "treino_local", "hypercorn", "pytest", "confine"]
    assert local.call(name, asked) == ["boto3", "botocore"]


def test_its_calls_reach_the_local_aws(local: Local) -> None:
    name = local.make("import boto3\ndef handler(e, c): return boto3.client('sts').get_caller_identity()['Account']")
    assert local.call(name) == ACCOUNT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("{'price': decimal.Decimal('1.50'), 'n': decimal.Decimal('3')}", '{"price": 1.50, "n": 3}'),
        ("decimal.Decimal('1E+3')", "1E+3"),
        ("decimal.Decimal('-NaN')", "NaN"),
        ("float('inf')", "Infinity"),
        ("{'é': 'ü'}", '{"é": "ü"}'),
        ("{'a': b'bytes'}", '{"a": "bytes"}'),
        ("b'not json'", "not json"),
        ("(1, None, True)", "[1, null, true]"),
        ("collections.namedtuple('P', 'x y')(1, 2)", '{"x": 1, "y": 2}'),
        ("{2: 2, None: 3, True: 4}", '{"2": 2, "null": 3, "true": 4}'),
        ("None", "null"),
        ("'text'", '"text"'),
    ],
)
def test_answers_are_written_as_awslambdaric_does(local: Local, evaluate: str, value: str, text: str) -> None:
    assert local.raw(evaluate, value) == (None, text)


@pytest.mark.parametrize(
    ("value", "rest"),
    [
        ("datetime.datetime(2026, 1, 2)", "Object of type datetime is not JSON serializable"),
        ("{1, 2}", "Object of type set is not JSON serializable"),
        ("{(1, 2): 3}", "keys must be str, int, float, bool or None, not tuple"),
        ("[x := [], x.append(x)] and x", "Circular reference detected"),
        ("context", "Object of type LambdaContext is not JSON serializable"),
        ("'\\ud800'", "'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed"),
    ],
)
def test_what_is_no_json_is_a_marshal_error(local: Local, evaluate: str, value: str, rest: str) -> None:
    error = local.fail(evaluate, value)
    assert error["errorType"] == "Runtime.MarshalError"
    assert error["errorMessage"] == f"Unable to marshal response: {rest}"
    assert error["requestId"]
    assert error["stackTrace"] == []


@pytest.mark.parametrize(
    ("code", "handler", "kind", "message"),
    [
        (
            "import no_such",
            "app.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'no_such'",
        ),
        (
            "x = 1",
            "other.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        ("x = 1", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        (
            "def handler(e, c)",
            "app.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': expected ':' (app.py, line 1)",
        ),
        (
            "x = 1",
            "app",
            "Runtime.MalformedHandlerName",
            "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
        ),
        ("1 / 0", "app.handler", "ZeroDivisionError", "division by zero"),
    ],
)
def test_code_that_cannot_be_loaded(local: Local, code: str, handler: str, kind: str, message: str) -> None:
    error = local.fail(local.make({"app.py": code}, handler))
    assert (error["errorType"], error["errorMessage"]) == (kind, message)
    assert set(error) == {"errorType", "errorMessage", "requestId", "stackTrace"}


def test_an_exception_has_its_name_and_its_place_and_leaves_the_process_warm(local: Local) -> None:
    name = local.make("""
calls = 0
def handler(event, context):
    global calls
    calls += 1
    if event:
        raise KeyError(event)
    return calls
""")
    assert local.call(name) == 1
    error = local.fail(name, "x")
    assert (error["errorType"], error["errorMessage"]) == ("KeyError", "'x'")
    assert error["stackTrace"] == ['  File "/var/task/app.py", line 7, in handler\n    raise KeyError(event)\n']
    assert local.call(name) == 3


def test_half_a_character_in_an_error_is_no_end_of_its_history(local: Local, evaluate: str) -> None:
    error = local.fail(evaluate, "(_ for _ in ()).throw(ValueError('boo \\ud800 far'))")
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "boo \ufffd far")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
def test_a_process_that_ends_is_an_exit_error_and_the_next_is_new(
    local: Local, evaluate: str, code: str, words: str
) -> None:
    error = local.fail(evaluate, code)
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].startswith("RequestId: ")
    assert error["errorMessage"].endswith(f" Error: {words}")
    assert local.call(evaluate, "1 + 1") == 2


@pytest.mark.parametrize(
    "printed",
    [
        '{"status": "ok", "result": "faked"}',
        '{"kind": "result", "size": 0}',
        "x" * 100_000,
        "\\n" * 1000,
        "\\x00\\x1e",
    ],
)
def test_what_it_prints_is_no_answer(local: Local, printed: str) -> None:
    code = (
        f"import os\nprint('{printed}')\ndef handler(e, c):\n    print('{printed}')\n    os.write(1, b'{printed}')\n"
        "    return 'mine'"
    )
    name = local.make(code)
    assert [local.call(name), local.call(name)] == ["mine", "mine"]


def test_the_context_is_complete(local: Local) -> None:
    name = local.make(
        """
def handler(event, context):
    return {**{name: getattr(context, name) for name in (
        "aws_request_id", "function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb",
        "log_group_name", "log_stream_name", "tenant_id")},
        "left": context.get_remaining_time_in_millis(),
        "client": context.client_context and [context.client_context.custom, context.client_context.client.app_title],
        "identity": [context.identity.cognito_identity_id, context.identity.cognito_identity_pool_id]}
""",
        Timeout=20,
    )
    found = local.call(name)
    assert found["function_name"] == name
    assert found["function_version"] == "$LATEST"
    assert found["invoked_function_arn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    assert found["memory_limit_in_mb"] == "256"
    assert len(found["aws_request_id"]) == 36
    assert found["log_group_name"] == f"/aws/lambda/{name}"
    assert "/[$LATEST]" in found["log_stream_name"]
    assert 0 < found["left"] <= 20_000
    assert found["client"] is None
    assert found["identity"] == [None, None]
    given = base64.b64encode(json.dumps({"custom": {"a": 1}, "client": {"app_title": "T"}}).encode()).decode()
    assert local.call(name, ClientContext=given)["client"] == [{"a": 1}, "T"]


def test_the_environment_is_awss_and_its_own(local: Local) -> None:
    own = {"Variables": {"OWN": "1", "TZ": ":Europe/Rome"}}
    name = local.make("import os\ndef handler(e, c): return [dict(os.environ), os.getcwd()]", Environment=own)
    found, directory = local.call(name)
    expected: dict[str, Any] = {
        "OWN": "1",
        "TZ": ":Europe/Rome",
        "LANG": "en_US.UTF-8",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "_HANDLER": "app.handler",
        "AWS_ENDPOINT_URL": local.endpoint,
        "LAMBDA_TASK_ROOT": directory,
    }
    assert {key: found.get(key) for key in expected} == expected
    others = set(found) - set(expected)
    assert others - {"LC_CTYPE"} == {
        "PATH",
        "LD_LIBRARY_PATH",
        "HOME",
        "TMPDIR",
        "LAMBDA_RUNTIME_DIR",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_DISABLE_HOST_PREFIX_INJECTION",
        "NO_PROXY",
        "no_proxy",
    }


def test_layers_lie_over_each_other_and_under_the_code(local: Local) -> None:
    arns = []
    for number in (1, 2):
        content = zipped(
            {
                "python/shared.py": f"x = {number}",
                f"python/only{number}.py": f"x = {number}",
                "python/app_own.py": "x = 0",
            }
        )
        made = local.functions.publish_layer_version(LayerName=f"layer{number}", Content={"ZipFile": content})
        arns.append(made["LayerVersionArn"])
    code = (
        "import app_own, only1, only2, shared\ndef handler(e, c): return [m.x for m in (app_own, only1, only2, shared)]"
    )
    name = local.make({"app.py": code, "app_own.py": "x = 'own'"}, Layers=arns)
    assert local.call(name) == ["own", 1, 2, 2]


def test_functions_that_call_themselves_are_stopped(local: Local) -> None:
    name = local.make(
        """
import boto3, json, os
def handler(event, context):
    try:
        answer = boto3.client("lambda").invoke(FunctionName=context.function_name, Payload=json.dumps(event + 1))
    except Exception as error:
        return [event, type(error).__name__]
    return json.load(answer["Payload"])
""",
        Timeout=120,
    )
    assert local.call(name, 1) == [16, "RecursiveInvocationException"]
