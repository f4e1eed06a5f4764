"""Every request's signature is checked before MiniStack sees it, whether or not policies are enforced.

What is unsigned is refused, also where AWS would serve it (a public bucket, a function's URL): who can reach the
port is not who may use it.
"""

from __future__ import annotations

import base64
import contextvars
import datetime
import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ministack import app
from ministack.core import iam_evaluator, sigv4
from ministack.core.sigv4 import HeaderSignature
from ministack.services import s3

from treino_local import patching
from treino_local.iam import keys, payload
from treino_local.iam.payload import Altered, Chunks, Disconnected, Payload, Receive, Signer
from treino_local.iam.request_head import Asked

# Of these the body may be left out of what is signed.
_S3 = ("s3", "s3express", "s3-object-lambda", "s3-outposts")
_WEEK = 604800
_HASH = re.compile(r"[0-9a-f]{64}")
# MiniStack's own paths: who is not the account's root has no business there.
_INTERNAL = re.compile(r"/_(ministack|localstack|aws)(/|$)")

# The access key whose signature the request under way has passed.
_passed: contextvars.ContextVar[str] = contextvars.ContextVar("treino_passed", default="")


class Refused(Exception):
    """A request that is not let in, by MiniStack's name for why."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code, self.message = code, message


def checked(application: Any) -> Any:
    """The ASGI application, which only gets requests whose signature is right."""
    _expect()

    async def check(scope: Any, receive: Receive, send: Any) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        _passed.set("")
        asked = Asked.of(scope)
        if scope["type"] == "websocket":
            await _websocket(application, asked, scope, receive, send)
            return
        if asked.method == "OPTIONS" and "access-control-request-method" in asked.headers:
            # A browser asks what it may ask, unsigned, and is told without anything being done.
            preflight = app._handle_options_request(asked.method, asked.path, asked.headers, asked.query, _id())
            await app._send_response(send, *preflight)
            return
        reading = payload.Reading(receive)
        try:
            body = await _verified(asked, reading)
        except Disconnected:
            return
        except Refused as refused:
            await reading.drain()
            await _refuse(send, asked, refused, reading.beginning)
            return
        await application(scope, body.replay(receive), send)

    return check


def _expect() -> None:
    for module, name, *parameters in (
        (sigv4, "parse_header_signature", "headers"),
        (sigv4, "parse_query_signature", "query_params"),
        (sigv4, "request_time_failure", "signature"),
        (sigv4, "header_signing_documents", "signature", "method", "raw_path", "query_params", "headers", "body"),
        (sigv4, "derive_signing_key", "secret", "date_stamp", "region", "service"),
        (app, "_credential_failure", "service", "iam_action", "request_id", "denied", "headers"),
        (app, "_handle_options_request", "method", "path", "headers", "query_params", "request_id"),
        (app, "_routing_params", "method", "path", "headers", "body", "query_params"),
        (app, "_decode_aws_chunked_body", "body", "headers"),
        (iam_evaluator, "_sigv2_check", "request", "account_id"),
        (s3, "_parse_multipart_form", "content_type", "body"),
    ):
        patching.function(module, name, *parameters)

    @patching.wrap(app, "pin_signed_request", "method", "raw_path", "query_params", "raw_headers")
    def pin_signed_request(original: Any, *arguments: Any, **options: Any) -> None:
        # It was checked here; a second time would be with a body that has left its frames.
        iam_evaluator._signed_request.set(None)
        iam_evaluator._verified_key.set(_passed.get())
        iam_evaluator._anonymous.set(False)

    @patching.wrap(app, "_read_request_body", "receive", "method", "headers")
    async def read_request_body(original: Any, receive: Any, method: str, headers: dict[str, str]) -> Any:
        found: Payload | None = getattr(receive, "payload", None)
        if found is None or (found.file is None and found.chunks is None):
            return await original(receive, method, headers)
        decoded = headers.get("x-amz-decoded-content-length")
        if found.incomplete or (found.chunks and decoded is not None and decoded.strip() != str(found.length)):
            raise app._IncompleteRequestBody("the frames of the body are not what they say")
        if found.chunks:
            _without_frames(headers, found.chunks.trailers)
        return found.body()


def _without_frames(headers: dict[str, str], trailers: Mapping[str, str]) -> None:
    """What MiniStack does to the headers of a body whose frames it has taken off."""
    announced = {name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",") if name.strip()}
    if not announced <= trailers.keys():
        raise app._IncompleteRequestBody("an announced trailer is missing")
    for name, value in trailers.items():
        headers.setdefault(name, value)
    codings = [each.strip() for each in headers.get("content-encoding", "").split(",")]
    codings = [each for each in codings if each and each != "aws-chunked"]
    headers.pop("content-encoding", None)
    if codings:
        headers["content-encoding"] = ", ".join(codings)


async def _verified(asked: Asked, receive: Receive) -> Payload:
    """The body of a request that is right; Refused otherwise."""
    authorization = asked.headers.get("authorization", "")
    if authorization.startswith("AWS4-HMAC-SHA256"):
        return await _by_header(asked, receive)
    if not authorization and asked.given("X-Amz-Algorithm") == "AWS4-HMAC-SHA256":
        return await _by_query(asked, receive)
    is_old = authorization.startswith("AWS ") or (not authorization and asked.given("AWSAccessKeyId"))
    if is_old and asked.service == "s3":
        return await _by_old_signature(asked, receive)
    if authorization or asked.given("X-Amz-Algorithm") or asked.given("AWSAccessKeyId"):
        raise Refused("UnsupportedSignature", "The request signature does not conform to AWS standards.")
    is_form = asked.headers.get("content-type", "").startswith("multipart/form-data")
    if is_form and asked.method == "POST" and asked.service == "s3":
        return await _by_form(asked, receive)
    raise Refused("MissingAuthenticationToken", "Request is missing Authentication Token")


async def _by_header(asked: Asked, receive: Receive) -> Payload:
    signature = _parsed(sigv4.parse_header_signature(asked.headers))
    skewed = sigv4.request_time_failure(signature)
    if skewed:
        raise Refused(*skewed)
    signed = signature.signed_headers.split(";")
    covered = {name for name in asked.headers if name.startswith("x-amz-") and name != "x-amz-user-agent"} | {"host"}
    if signature.service not in _S3:
        # Of others, the body's hash is computed, not read.
        covered.discard("x-amz-content-sha256")
    if not covered <= set(signed):
        raise Refused("SignatureDoesNotMatch", "There were headers present in the request which were not signed")
    secret = _secret(asked, signature)
    claimed = asked.headers.get("x-amz-content-sha256", "")
    if signature.service not in _S3:
        body = await payload.read(receive, None, spools=False)
        _compare(asked, signature, secret, body.digest, presigned=False)
        return _pass(asked, signature, body)
    _compare(asked, signature, secret, claimed or hashlib.sha256(b"").hexdigest(), presigned=False)
    signer = None
    if claimed.startswith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"):
        scope = f"{signature.date_stamp}/{signature.region}/{signature.service}/aws4_request"
        signer = Signer(_key(secret, signature), signature.amz_date, scope, signature.signature)
    elif claimed.startswith("STREAMING-") and claimed != "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
        raise Refused("UnsupportedSignature", "The request signature does not conform to AWS standards.")
    elif not claimed.startswith(("STREAMING-", "UNSIGNED-PAYLOAD")) and not _HASH.fullmatch(claimed):
        raise Refused("XAmzContentSHA256Mismatch")
    framed = claimed.startswith("STREAMING-") or "aws-chunked" in asked.headers.get("content-encoding", "")
    chunks = Chunks(signer, claimed.endswith("-TRAILER")) if framed else None
    try:
        body = await payload.read(receive, chunks, spools=True)
    except Altered:
        raise Refused("SignatureDoesNotMatch", sigv4.SIGNATURE_MISMATCH) from None
    if _HASH.fullmatch(claimed) and not hmac.compare_digest(claimed, body.digest):
        raise Refused("XAmzContentSHA256Mismatch")
    return _pass(asked, signature, body)


async def _by_query(asked: Asked, receive: Receive) -> Payload:
    signature = _parsed(sigv4.parse_query_signature(asked.query))
    expires = asked.given("X-Amz-Expires")
    if not expires.isascii() or not expires.isdigit() or not 1 <= int(expires) <= _WEEK:
        raise Refused("IncompleteSignature", "X-Amz-Expires must be between 1 and 604800 seconds.")
    try:
        expired = sigv4.presigned_request_is_expired(signature.amz_date, expires)
    except ValueError:
        raise Refused("IncompleteSignature", "X-Amz-Date is malformed.") from None
    if expired:
        raise Refused("RequestExpired", "Request has expired")
    early = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=15)
    if early < (sigv4._amz_datetime(signature.amz_date) or early + datetime.timedelta(1)):
        raise Refused("RequestTimeTooSkewed", f"Signature not yet current: {signature.amz_date}")
    covered = {"host"}
    if signature.service in _S3:
        covered |= {name for name in asked.headers if name.startswith("x-amz-") and name != "x-amz-user-agent"}
        # As S3 does, what is sent along unsigned must not change what is done.
        covered -= {"x-amz-content-sha256", "x-amz-date"}
    if not covered <= set(signature.signed_headers.split(";")):
        raise Refused("SignatureDoesNotMatch", "There were headers present in the request which were not signed")
    secret = _secret(asked, signature)
    unsigned = signature.service in _S3
    if unsigned:
        _compare(asked, signature, secret, sigv4.UNSIGNED_PAYLOAD, presigned=True)
    body = await payload.read(receive, None, spools=unsigned)
    if not unsigned:
        _compare(asked, signature, secret, body.digest, presigned=True)
    return _pass(asked, signature, body)


async def _by_old_signature(asked: Asked, receive: Receive) -> Payload:
    """Signature version 2, which boto3 still presigns with."""
    authorization = asked.headers.get("authorization", "")
    key = authorization[4:].partition(":")[0] if authorization else asked.given("AWSAccessKeyId")
    if authorization:
        # Its date is not checked by MiniStack, and nobody signs so any longer.
        raise Refused("UnsupportedSignature", "The request signature does not conform to AWS standards.")
    token = asked.given("x-amz-security-token")
    found = _credential(key, token)
    bucket = app._extract_s3_vhost_bucket(asked.headers.get("host", ""))
    request = iam_evaluator.SignedRequest(
        key,
        asked.method,
        asked.raw_path,
        asked.query,
        asked.headers,
        sigv2=True,
        auth_path=f"/{bucket}{asked.raw_path}" if bucket else asked.raw_path,
    )
    failure = iam_evaluator._sigv2_check(request, found.account_id)
    if isinstance(failure, iam_evaluator.AuthError):
        code = "RequestExpired" if "expired" in failure.message else failure.code
        raise Refused(code, failure.message)
    body = await payload.read(receive, None, spools=True)
    _passed.set(key)
    _internal(asked, key)
    return body


async def _by_form(asked: Asked, receive: Receive) -> Payload:
    """A browser's upload: its policy is signed, and MiniStack holds the form against it."""
    body = await payload.read(receive, None, spools=False)
    form = s3._parse_multipart_form(asked.headers["content-type"], body.data)
    fields = {name.lower(): value.decode("utf-8", "replace") for name, _, _, value in form if name != "file"}
    policy, token = fields.get("policy", ""), fields.get("x-amz-security-token", "")
    scope = fields.get("x-amz-credential", "").split("/")
    if not policy or (len(scope) != 5 and "awsaccesskeyid" not in fields):
        raise Refused("MissingAuthenticationToken", "Request is missing Authentication Token")
    if len(scope) == 5:
        secret = str(_credential(scope[0], token).secret_access_key)
        computed = sigv4.calculate_signature(secret, scope[1], scope[2], "s3", policy)
        given, right = fields.get("x-amz-signature", ""), fields.get("x-amz-algorithm") == "AWS4-HMAC-SHA256"
    else:
        secret = str(_credential(fields["awsaccesskeyid"], token).secret_access_key)
        computed = base64.b64encode(hmac.new(secret.encode(), policy.encode(), hashlib.sha1).digest()).decode()
        given, right = fields.get("signature", ""), True
    if not right or not hmac.compare_digest(computed.encode(), given.encode()):
        raise Refused("SignatureDoesNotMatch", sigv4.SIGNATURE_MISMATCH)
    return body


async def _websocket(application: Any, asked: Asked, scope: Any, receive: Receive, send: Any) -> None:
    async def nothing() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    try:
        await _verified(asked, nothing)
    except Refused:
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await application(scope, receive, send)


def _parsed(found: HeaderSignature | tuple[str, str]) -> HeaderSignature:
    if isinstance(found, tuple):
        raise Refused(*found)
    if found.date_stamp != found.amz_date[:8]:
        raise Refused("CredentialDateMismatch", "Date in Credential scope does not match the request's date.")
    return found


def _secret(asked: Asked, signature: HeaderSignature) -> str:
    return str(_credential(signature.access_key_id, asked.token).secret_access_key)


def _credential(key: str, token: str) -> Any:
    try:
        found = keys.credential(key, token)
    except iam_evaluator.AmbiguousAccessKeyError:
        raise Refused("InvalidClientTokenId", "The security token included in the request is invalid.") from None
    if isinstance(found, iam_evaluator.CredentialResolutionError):
        raise Refused(found.code, found.message)
    return found


def _key(secret: str, signature: HeaderSignature) -> bytes:
    derived = sigv4._cached_signing_key(secret, signature.date_stamp, signature.region, signature.service)
    assert isinstance(derived, bytes)
    return derived


def _compare(asked: Asked, signature: HeaderSignature, secret: str, digest: str, *, presigned: bool) -> None:
    # Of a presigned address, the header is one like others.
    headers = asked.headers if presigned else {**asked.headers, "x-amz-content-sha256": digest}
    if presigned and signature.service not in _S3:
        headers = {**headers, "x-amz-content-sha256": digest}
    # S3's other services sign their paths as S3 does.
    as_s3 = replace(signature, service="s3") if signature.service in _S3 else signature
    canonical, _ = sigv4.header_signing_documents(
        as_s3,
        asked.method,
        asked.raw_path,
        asked.query,
        headers,
        b"",
        presigned=presigned,
    )
    text = sigv4.build_string_to_sign(
        signature.amz_date,
        signature.date_stamp,
        signature.region,
        signature.service,
        canonical,
    )
    computed = hmac.new(_key(secret, signature), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(computed, signature.signature):
        raise Refused("SignatureDoesNotMatch", sigv4.SIGNATURE_MISMATCH)


def _pass(asked: Asked, signature: HeaderSignature, body: Payload) -> Payload:
    _internal(asked, signature.access_key_id)
    _passed.set(signature.access_key_id)
    return body


def _internal(asked: Asked, key: str) -> None:
    if _INTERNAL.match(asked.path) and not keys.is_root(key):
        raise Refused("MissingAuthenticationToken", "Request is missing Authentication Token")


async def _refuse(send: Any, asked: Asked, refused: Refused, beginning: bytes) -> None:
    service = asked.of_body(beginning)
    if refused.code == "XAmzContentSHA256Mismatch":
        message = "The provided 'x-amz-content-sha256' header does not match what was computed."
        answer = s3._error(refused.code, message, 400)
    else:
        failure = iam_evaluator.AuthError(refused.code, refused.message)
        answer = app._credential_failure(service, "", _id(), failure, asked.headers)
    await app._send_response(send, *answer, head=asked.method == "HEAD")


def _id() -> str:
    return str(uuid.uuid4())
