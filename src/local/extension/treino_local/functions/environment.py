"""The environment a function sees: AWS's variables and its own, nothing of the user's."""

import os
import re
from typing import Any

from ministack.core import lambda_runtime

from treino_local.functions import runtimes

# Where a queue's URL on AWS leads. Some SDKs send to the URL, whatever endpoint they are given.
_QUEUES = re.compile(r"https://sqs\.[a-z0-9-]+\.amazonaws\.com(\.cn)?(?=/\d{12}/)")

# What AWS lets no function set; `Environment` with one of them is refused there.
_RESERVED = {
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
}


def credentials(config: dict[str, Any]) -> dict[str, str]:
    """Of the function's role: what its calls of AWS are signed with."""
    return dict(lambda_runtime.execution_credentials(config))


def log_group(config: dict[str, Any]) -> str:
    return str((config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}")


def of(config: dict[str, Any], folders: dict[str, str], stream: str) -> dict[str, str]:
    """For one process. What changes with each invocation is set by the bootstrap."""
    runtime, opt = str(config.get("Runtime", "")), folders["opt"]
    _, region = lambda_runtime._account_region_from_function_config(config)
    logging = config.get("LoggingConfig") or {}
    memory = int(config.get("MemorySize", 128))
    snapshot = (config.get("SnapStart") or {}).get("OptimizationStatus") == "On"
    endpoint = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"
    environment = {
        "PATH": os.pathsep.join([folders["bin"], "/usr/local/bin", "/usr/bin", "/bin", f"{opt}/bin"]),
        "LD_LIBRARY_PATH": os.pathsep.join([folders["task"], f"{folders['task']}/lib", f"{opt}/lib"]),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": folders["home"],
        "TMPDIR": folders["tmp"],
        "AWS_EC2_METADATA_DISABLED": "true",
        # The prefix would lead to a host that is not this machine's.
        lambda_runtime.HOST_PREFIX_ENV: "true",
        "AWS_ENDPOINT_URL": endpoint,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
    if logging.get("LogFormat") == "JSON":
        environment["AWS_LAMBDA_LOG_FORMAT"] = "JSON"
        environment["AWS_LAMBDA_LOG_LEVEL"] = str(logging.get("ApplicationLogLevel") or "INFO")
    if runtime.startswith("nodejs"):
        environment["NODE_PATH"] = os.pathsep.join([f"{opt}/nodejs/node_modules", f"{opt}/nodejs", folders["task"]])
    own = (config.get("Environment") or {}).get("Variables") or {}
    own = {name: _QUEUES.sub(endpoint, str(value)) for name, value in own.items() if name not in _RESERVED}
    environment.update(own)
    environment.update(credentials(config))
    environment.update(
        {
            "_HANDLER": str(config.get("Handler", "")),
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
            "AWS_LAMBDA_FUNCTION_NAME": str(config["FunctionName"]),
            "AWS_LAMBDA_FUNCTION_VERSION": str(config.get("Version", "$LATEST")),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if snapshot else "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": log_group(config),
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "LAMBDA_TASK_ROOT": folders["task"],
            "LAMBDA_RUNTIME_DIR": runtimes.FOLDER,
        }
    )
    return environment
