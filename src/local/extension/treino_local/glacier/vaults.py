"""Amazon S3 Glacier's vaults: what a vault is, who may use it, its tags, and whether it is empty.

Archives are counted and not kept: nothing retrieves them here, but a vault that holds one cannot be
deleted. The inventory, a day old on AWS, is always up to date. What is missing (jobs, notifications,
locks, multipart uploads) is refused by name.
"""

import hashlib
import json
import re
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypedDict
from urllib.parse import quote

from ministack import app
from ministack.core import iam_actions, router
from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region

from treino_local import patching
from treino_local.glacier import vault_tags
from treino_local.glacier.vault_tags import Refusal
from treino_local.iam import policies
from treino_local.types import Answer, Fields, Headers, Query

VAULTS_PER_REGION = 1000
POLICY_LIMIT = 20 * 1024
_MEBIBYTE = 1024 * 1024

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")


class _Vault(TypedDict):
    created: str
    policy: str | None
    tags: dict[str, str]
    # The sizes of the archives, by id.
    archives: dict[str, int]
    # When an archive came or went last.
    written: str | None


_vaults = AccountRegionScopedDict()


class Request(NamedTuple):
    name: str
    archive: str
    query: dict[str, str]
    headers: Headers
    body: bytes


def install() -> None:
    patching.of(router, "SERVICE_PATTERNS", dict)["glacier"] = {"host_patterns": [r"glacier\."]}
    patching.of(iam_actions, "SERVICE_TO_IAM_NAMESPACE", dict)["glacier"] = "glacier"
    patching.of(iam_actions, "_BOTOCORE_SERVICE_MAP", dict)["glacier"] = ["glacier"]
    patching.of(app, "SERVICE_HANDLERS", dict)["glacier"] = handle_request
    # By these MiniStack finds the state to reset, to save and to load.
    patching.function(app, "_get_module", "name")
    patching.of(app, "SERVICE_REGISTRY", dict)["glacier"] = {"module": "glacier"}
    patching.of(app, "_state_map", dict)["glacier"] = "glacier"
    patching.of(app, "_loaded_modules", dict)["glacier"] = sys.modules[__name__]

    @patching.wrap(iam_actions, "extract_resource_arn", "service", "method", "path")
    def extract_resource_arn(
        original: Callable[..., str], service: str, method: str, path: str, *rest: Any, **options: Any
    ) -> str:
        parts = path.split("/")
        if service == "glacier" and len(parts) > 3 and parts[2] == "vaults":
            return _arn(parts[3])
        return original(service, method, path, *rest, **options)


def reset() -> None:
    _vaults.clear()


def get_state() -> Fields:
    return {"vaults": _vaults}


def load_persisted_state(data: Fields | None) -> None:
    _vaults.update((data or {}).get("vaults", {}))


async def handle_request(method: str, path: str, headers: Headers, body: bytes, query_params: Query) -> Answer:
    query = {name: values[0] if isinstance(values, list) else values for name, values in query_params.items()}
    try:
        return _answered(method, path, headers, body or b"", query)
    except Refusal as refusal:
        answer = {"code": refusal.code, "type": "Client", "message": str(refusal)}
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": refusal.code}
        return refusal.status, headers, json.dumps(answer).encode()


def _answered(method: str, path: str, headers: Headers, body: bytes, query: dict[str, str]) -> Answer:
    _, account, collection, name, part = (*path.split("/", 4), "", "", "", "")[:5]
    if account not in ("-", get_account_id()):
        raise Refusal("AccessDeniedException", f"The account {account} is not that of the credentials.", 403)
    kind, _, archive = part.partition("/")
    operation = None
    if collection == "vaults":
        operation = _OPERATIONS.get((method, bool(name), kind, bool(archive), query.get("operation", "")))
    if operation is None:
        raise Refusal("UnknownOperationException", f"The local Glacier does not know {method} {path}.", 404)
    if name and not _NAME.fullmatch(name):
        raise Refusal("InvalidParameterValueException", f"Invalid vault name: {name}")
    if name and operation not in _WITHOUT_VAULT and name not in _vaults:
        raise Refusal("ResourceNotFoundException", f"Vault not found for ARN: {_arn(name)}", 404)
    return operation(Request(name, archive, query, headers, body))


def _arn(name: str) -> str:
    return f"arn:aws:glacier:{get_region()}:{get_account_id()}:vaults/{name}"


def _done() -> Answer:
    return 204, {}, b""


def _json(answer: Fields) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


def _create(request: Request) -> Answer:
    name = request.name
    if name not in _vaults:
        if len(_vaults) >= VAULTS_PER_REGION:
            raise Refusal("LimitExceededException", f"The limit of {VAULTS_PER_REGION} vaults is reached.")
        _vaults[name] = _Vault(created=_now(), policy=None, tags={}, archives={}, written=None)
    return 201, {"Location": f"/{get_account_id()}/vaults/{quote(name)}"}, b""


def _now() -> str:
    now = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(now)) + f"{int(now * 1000) % 1000:03d}Z"


def _vault(name: str) -> _Vault:
    vault: _Vault = _vaults[name]
    return vault


def _described(name: str) -> Fields:
    vault = _vault(name)
    sizes = vault["archives"].values()
    return {
        "CreationDate": vault["created"],
        "LastInventoryDate": vault.get("written"),
        "NumberOfArchives": len(sizes),
        "SizeInBytes": sum(sizes),
        "VaultARN": _arn(name),
        "VaultName": name,
    }


def _list(request: Request) -> Answer:
    limit = request.query.get("limit") or "10"
    if not limit.isdigit() or not 1 <= int(limit) <= VAULTS_PER_REGION:
        raise Refusal("InvalidParameterValueException", f"Invalid limit: {limit}")
    names, marker = sorted(_vaults.keys()), request.query.get("marker")
    if marker:
        begin = _arn("")
        if not marker.startswith(begin):
            raise Refusal("InvalidParameterValueException", f"Invalid marker: {marker}")
        names = [name for name in names if name >= marker[len(begin) :]]
    page, rest = names[: int(limit)], names[int(limit) :]
    return _json({"Marker": _arn(rest[0]) if rest else None, "VaultList": [_described(name) for name in page]})


def _describe(request: Request) -> Answer:
    return _json(_described(request.name))


def _delete(request: Request) -> Answer:
    if request.name in _vaults and _vault(request.name)["archives"]:
        message = f"Vault not empty or recently written to: {_arn(request.name)}"
        raise Refusal("InvalidParameterValueException", message)
    # One that is gone already is no error.
    _vaults.pop(request.name, None)
    return _done()


def _set_policy(request: Request) -> Answer:
    text = vault_tags.parameters(request.body).get("Policy")
    if not isinstance(text, str) or not text.strip():
        raise Refusal("MissingParameterValueException", "Required parameter missing: Policy")
    if len(text.encode()) > POLICY_LIMIT:
        raise Refusal("InvalidParameterValueException", f"The policy is larger than {POLICY_LIMIT} bytes.")
    fault = policies.fault(text, "glacier", [_arn(request.name)])
    if fault:
        raise Refusal("InvalidParameterValueException", f"The specified vault access policy is invalid: {fault}")
    _vault(request.name)["policy"] = text
    return _done()


def _get_policy(request: Request) -> Answer:
    policy = _vault(request.name)["policy"]
    if policy is None:
        message = f"No vault access policy is set for: {_arn(request.name)}"
        raise Refusal("ResourceNotFoundException", message, 404)
    return _json({"Policy": policy})


def _delete_policy(request: Request) -> Answer:
    _vault(request.name)["policy"] = None
    return _done()


def _list_tags(request: Request) -> Answer:
    return _json({"Tags": _vault(request.name)["tags"]})


def _add_tags(request: Request) -> Answer:
    vault = _vault(request.name)
    vault["tags"] = vault_tags.added(vault["tags"], request.body)
    return _done()


def _remove_tags(request: Request) -> Answer:
    vault = _vault(request.name)
    vault["tags"] = vault_tags.removed(vault["tags"], request.body)
    return _done()


def _upload_archive(request: Request) -> Answer:
    found = _tree_hash(request.body)
    if not request.body:
        raise Refusal("InvalidParameterValueException", "Invalid content length: 0")
    if request.headers.get("x-amz-sha256-tree-hash") != found:
        raise Refusal("InvalidParameterValueException", f"The tree hash of the archive is {found}.")
    archive = secrets.token_urlsafe(103)
    _vault(request.name)["archives"][archive] = len(request.body)
    _vault(request.name)["written"] = _now()
    headers = {
        "x-amz-archive-id": archive,
        "x-amz-sha256-tree-hash": found,
        "Location": f"/{get_account_id()}/vaults/{request.name}/archives/{archive}",
    }
    return 201, headers, b""


def _delete_archive(request: Request) -> Answer:
    vault = _vault(request.name)
    if vault["archives"].pop(request.archive, None) is None:
        raise Refusal("ResourceNotFoundException", f"The archive ID was not found: {request.archive}", 404)
    vault["written"] = _now()
    return _done()


def _tree_hash(body: bytes) -> str:
    """The SHA-256 of the pairs of the pairs ... of the body's mebibytes."""
    hashes = [hashlib.sha256(body[at : at + _MEBIBYTE]).digest() for at in range(0, len(body), _MEBIBYTE)]
    while len(hashes) > 1:
        pairs = [hashes[at : at + 2] for at in range(0, len(hashes), 2)]
        hashes = [hashlib.sha256(b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return (hashes[0] if hashes else hashlib.sha256(b"").digest()).hex()


_WITHOUT_VAULT = (_create, _delete)

# By method, whether a vault is named, the part of it, whether an archive is named, and ?operation=.
_OPERATIONS: dict[tuple[str, bool, str, bool, str], Callable[[Request], Answer]] = {
    ("GET", False, "", False, ""): _list,
    ("PUT", True, "", False, ""): _create,
    ("GET", True, "", False, ""): _describe,
    ("DELETE", True, "", False, ""): _delete,
    ("PUT", True, "access-policy", False, ""): _set_policy,
    ("GET", True, "access-policy", False, ""): _get_policy,
    ("DELETE", True, "access-policy", False, ""): _delete_policy,
    ("GET", True, "tags", False, ""): _list_tags,
    ("POST", True, "tags", False, "add"): _add_tags,
    ("POST", True, "tags", False, "remove"): _remove_tags,
    ("POST", True, "archives", False, ""): _upload_archive,
    ("DELETE", True, "archives", True, ""): _delete_archive,
}
