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
KNOWN = {
    "ministack.core.iam_actions.extract_resource_arn": (
        ("glacier.vaults", "s3.directory_buckets", "iam.resource_arns"),
        ANY_ORDER,
    ),
    "ministack.services.s3.handle_request": (("cloudtrail.events", "s3.directory_buckets"), ANY_ORDER),
    "ministack.services.stepfunctions._add_event": (
        ("step_functions.histories", "step_functions.task_events"),
        "task_events makes several events of one, and histories numbers each",
    ),
    "ministack.services.stepfunctions._invoke_resource": (
        ("step_functions.histories", "step_functions.task_events"),
        ANY_ORDER,
    ),
    "ministack.services.stepfunctions._resolve_path": (
        ("step_functions.paths", "step_functions.variables"),
        "variables turns $name.rest into $.rest of its value, and paths looks whether that leads somewhere",
    ),
    "ministack.services.stepfunctions._run_execution": (
        ("step_functions.machines", "step_functions.histories"),
        ANY_ORDER,
    ),
    "ministack.services.stepfunctions._run_parallel_branches": (
        ("step_functions.histories", "step_functions.parallels"),
        ANY_ORDER,
    ),
}


def test_where_additions_meet_their_order_is_known(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(secrets.token_hex(20))
    environment = {**os.environ, "PYTHONPATH": str(EXTENSION), "TREINO_LOCAL_SECRET_FILE": str(secret)}
    program = Path(__file__).parent / "replaced.py"
    output = subprocess.run([sys.executable, str(program)], env=environment, capture_output=True, text=True)
    assert output.returncode == 0, output.stderr
    found = {name: tuple(additions) for name, additions in json.loads(output.stdout).items() if len(additions) > 1}
    assert found == {name: additions for name, (additions, _) in KNOWN.items()}
