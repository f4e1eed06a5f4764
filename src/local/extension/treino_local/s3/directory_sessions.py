"""CreateSession of S3 directory buckets: credentials for one bucket and five minutes."""

import secrets
import time
from collections.abc import Callable
from typing import Any, TypedDict
from xml.etree.ElementTree import Element, SubElement

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.core.router import extract_access_key_id
from ministack.services import s3, sts

from treino_local import patching
from treino_local.types import Answer, AsyncHandler, Headers, Query

SECONDS = 300
HEADER = "x-amz-s3session-token"
MODES = ("ReadWrite", "ReadOnly")

_READS = ("GET", "HEAD")


class _Session(TypedDict):
    bucket: str
    mode: str
    # The access key id.
    key: str
    # The access key id of whoever began it.
    maker: str
    end: float


# By their tokens.
_sessions: dict[str, _Session] = {}


def install() -> None:
    patching.function(sts, "register_session", "access_key", "session")
    patching.function(s3, "_error", "code", "message", "status")

    @patching.wrap(iam_evaluator, "resolve_principal", "access_key_id", "account_id", "credential")
    def resolve_principal(original: Callable[..., Any], access_key_id: str, account_id: str, *rest: Any) -> Any:
        # Where policies are enforced, a session does what its maker may do; the mode is looked at below.
        maker = next((each["maker"] for each in list(_sessions.values()) if each["key"] == access_key_id), None)
        return original(access_key_id, account_id, *rest) if maker is None else original(maker, account_id)

    @patching.wrap(s3, "reset")
    def reset(original: Callable[[], None]) -> None:
        original()
        _sessions.clear()

    @patching.wrap(s3, "handle_request", "method", "path", "headers", "body", "query_params")
    async def handle_request(
        original: AsyncHandler,
        method: str,
        path: str,
        headers: Headers,
        body: Any,
        query_params: Query,
        *rest: Any,
        **options: Any,
    ) -> Answer:
        # Before MiniStack asks whose bucket it is: a token it does not know has no account.
        if HEADER in headers:
            refused = _refusal(method, path.lstrip("/").partition("/")[0], headers, query_params)
            if refused:
                return refused
        return await original(method, path, headers, body, query_params, *rest, **options)


def create(bucket: str, headers: Headers) -> Answer:
    mode = headers.get("x-amz-create-session-mode") or "ReadWrite"
    if mode not in MODES:
        return _error("InvalidArgument", f"Invalid session mode: {mode}", 400, f"/{bucket}")
    now = time.time()
    for token in [token for token, session in _sessions.items() if session["end"] < now]:
        del _sessions[token]
    key, token = "ASIA" + "".join(secrets.choice(_LETTERS) for _ in range(16)), secrets.token_urlsafe(96)
    account = get_account_id()
    secret = secrets.token_urlsafe(30)
    _sessions[token] = {
        "bucket": bucket,
        "mode": mode,
        "key": key,
        "maker": extract_access_key_id(headers, {}),
        "end": now + SECONDS,
    }
    # By this MiniStack knows whose requests they are.
    sts.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/s3express-session/{bucket}",
            "UserId": f"AROA{account}:{bucket}",
            "Account": account,
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": now + SECONDS,
        },
    )
    root = Element("CreateSessionResult", xmlns=s3.S3_NS)
    credentials = SubElement(root, "Credentials")
    SubElement(credentials, "SessionToken").text = token
    SubElement(credentials, "SecretAccessKey").text = secret
    SubElement(credentials, "AccessKeyId").text = key
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + SECONDS))
    SubElement(credentials, "Expiration").text = end
    headers = {"Content-Type": "application/xml", "x-amz-server-side-encryption": "AES256"}
    return 200, headers, s3._xml_body(root)


def _refusal(method: str, bucket: str, headers: Headers, query: Query) -> Answer | None:
    session = _sessions.get(headers[HEADER])
    if session is None or session["key"] != extract_access_key_id(headers, query):
        return _error("InvalidToken", "The provided token is malformed or otherwise invalid.", 400)
    if session["end"] < time.time():
        return _error("ExpiredToken", "The provided token has expired.", 400)
    if session["bucket"] != bucket or (session["mode"] == "ReadOnly" and method not in _READS):
        return _error("AccessDenied", "Access Denied", 403, f"/{bucket}")
    return None


def _error(code: str, message: str, status: int, resource: str = "") -> Answer:
    answer: Answer = s3._error(code, message, status, resource)
    return answer


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
