"""Access keys and their secrets.

An access key of twelve digits is the root of the account it names; its secret is made at each start, and lies in a
file that only the user reads. The keys of IAM users and of sessions have the secrets they were given.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.responses import _account_from_sts_session

from treino_local import patching

_ROOT = re.compile(r"[0-9]{12}")
_secret = ""


def install() -> None:
    global _secret
    # Functions inherit the environment, and must not find the way to the secret there.
    _secret = Path(os.environ.pop("TREINO_LOCAL_SECRET_FILE")).read_text(encoding="ascii").strip()
    if len(_secret) < 16:
        raise patching.Moved("the file of the secret holds none")
    patching.function(iam_evaluator, "find_iam_access_key_account", "access_key_id")
    error = patching.of(iam_evaluator, "CredentialResolutionError", type)
    before = iam_evaluator.resolve_credential

    @patching.wrap(iam_evaluator, "resolve_credential", "access_key_id", "account_id", "session_token")
    def resolve_credential(original: Any, access_key_id: str, *rest: Any, **options: Any) -> Any:
        found = original(access_key_id, *rest, **options)
        if isinstance(found, error) or found.principal_type != "Root":
            return found
        return replace(found, secret_access_key=_secret)

    for module in list(sys.modules.values()):
        # Whoever has taken it by name before.
        if getattr(module, "resolve_credential", None) is before:
            module.resolve_credential = iam_evaluator.resolve_credential  # type: ignore[attr-defined]

    @patching.wrap(app, "set_request_account_id", "access_key_id")
    def set_request_account_id(original: Any, access_key_id: str) -> None:
        # An IAM user's requests are its account's, enforced or not.
        original(iam_evaluator.find_iam_access_key_account(access_key_id) or access_key_id)

    from ministack.services import lambda_svc

    for module in (lambda_runtime, lambda_svc):
        patching.wrap(module, "execution_credentials", "config")(_execution_credentials)


def is_root(access_key: str) -> bool:
    return _ROOT.fullmatch(access_key) is not None


def credential(access_key: str, token: str) -> Any:
    """The credential of this key, or MiniStack's CredentialResolutionError or AmbiguousAccessKeyError."""
    account = access_key if is_root(access_key) else _account_from_sts_session(access_key)
    if account is None:
        account = iam_evaluator.find_iam_access_key_account(access_key)
    if account is None or (not is_root(access_key) and iam_evaluator.is_root_access_key(access_key)):
        # MiniStack takes "test" and its like for a root's too.
        return iam_evaluator._unknown_access_key()
    if is_root(access_key):
        # A token left over in the environment is no reason to refuse; the secret is checked.
        token = ""
    return iam_evaluator.resolve_credential(access_key, account, token)


def function_credentials(account: str, role_arn: str, function_arn: str) -> dict[str, str]:
    """Credentials that let a function's requests in, as a session of its role.

    They are the same for the life of this process, so that one that waits for its next event keeps working.
    """
    from ministack.services import sts

    name, function = role_arn.rsplit("/", 1)[-1], function_arn.split(":function:")[-1].split(":")[0]
    made = f"{function_arn}:{role_arn}"
    key = f"ASIA{_derived('key', made)[:16].upper()}"
    secret, token = _derived("secret", made), _derived("token", made)
    sts.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{function[:64]}",
            "UserId": f"{name}:{function[:64]}",
            "SecretAccessKey": secret,
            "SessionToken": token,
        },
    )
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}


def _execution_credentials(_original: Any, config: dict[str, Any]) -> dict[str, str]:
    account, _ = lambda_runtime._account_region_from_function_config(config)
    return function_credentials(account, config.get("Role", ""), config.get("FunctionArn", ""))


def _derived(*of: str) -> str:
    return hmac.new(_secret.encode(), "\0".join(of).encode(), hashlib.sha256).hexdigest()
