"""The order of main.ADDITIONS: where two additions replace the same function of MiniStack, the later is asked first."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

from support import EXTENSION

# For each function that several additions replace: which, in their order, and why it matters.
ANY_ORDER = "any order: each looks at requests, or does something, of its own"
_CREDENTIALS = (("iam.keys", "chaos.faults"), "iam.keys makes them, and chaos.faults adds to them")
KNOWN = {
    "ministack.core.iam_actions.extract_resource_arn": (
        ("glacier.vaults", "s3.directory_buckets", "iam.resource_arns"),
        ANY_ORDER,
    ),
    "ministack.core.iam_actions.extract_iam_action": (("s3.directory_buckets", "iam.resource_arns"), ANY_ORDER),
    "ministack.core.lambda_runtime.execution_credentials": _CREDENTIALS,
    "ministack.services.lambda_svc.execution_credentials": _CREDENTIALS,
    "ministack.services.lambda_svc._emit_lambda_logs": (
        ("functions.invocations", "step_functions.start_and_stop", "persistence.saving"),
        "functions.invocations has written the log itself, and calls nothing further",
    ),
    "ministack.services.s3.handle_request": (("cloudtrail.events", "s3.directory_buckets"), ANY_ORDER),
}


def test_where_additions_meet_their_order_is_known(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(secrets.token_hex(20))
    environment = {
        **os.environ,
        "PYTHONPATH": str(EXTENSION),
        "TREINO_LOCAL_SECRET_FILE": str(secret),
        "PERSIST_STATE": "1",
    }
    program = Path(__file__).parent / "replaced.py"
    output = subprocess.run([sys.executable, str(program)], env=environment, capture_output=True, text=True)
    assert output.returncode == 0, output.stderr
    found = {name: tuple(additions) for name, additions in json.loads(output.stdout).items() if len(additions) > 1}
    assert found == {name: additions for name, (additions, _) in KNOWN.items()}
