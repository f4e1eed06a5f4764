"""Vaults, called as MiniStack calls a service, each test in an account of its own."""

import asyncio
import hashlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core.responses import request_scope
from treino_local.glacier import vaults

_accounts = itertools.count(400000000000)


@pytest.fixture(autouse=True)
def account() -> Iterator[str]:
    account = str(next(_accounts))
    with request_scope(account, "eu-central-1"):
        yield account


def _call(
    method: str, path: str, body: Any = b"", headers: Any = None, **query: str
) -> tuple[int, dict[str, str], Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    asked = {name: [value] for name, value in query.items()}
    status, answered, text = asyncio.run(vaults.handle_request(method, f"/-/vaults{path}", headers or {}, data, asked))
    return status, answered, json.loads(text) if text else None


def _archive(body: bytes = b"archive") -> tuple[int, dict[str, str], Any]:
    return _call("POST", "/v/archives", body, {"x-amz-sha256-tree-hash": vaults._tree_hash(body)})


def test_a_vault_begins_empty(account: str) -> None:
    status, headers, _ = _call("PUT", "/v")
    assert (status, headers["Location"]) == (201, f"/{account}/vaults/v")
    described = _call("GET", "/v")[2]
    assert described["VaultARN"] == f"arn:aws:glacier:eu-central-1:{account}:vaults/v"
    assert (described["NumberOfArchives"], described["SizeInBytes"], described["LastInventoryDate"]) == (0, 0, None)


def test_a_vault_is_its_account_s_and_region_s(account: str) -> None:
    _call("PUT", "/v")
    for other, region in ((account, "us-east-1"), (str(next(_accounts)), "eu-central-1")):
        with request_scope(other, region):
            assert _call("GET", "/v")[0] == 404


def test_a_vault_with_an_archive_cannot_be_deleted() -> None:
    _call("PUT", "/v")
    archive = _archive()[1]["x-amz-archive-id"]
    assert _call("GET", "/v")[2]["SizeInBytes"] == len(b"archive")
    status, _, answer = _call("DELETE", "/v")
    assert (status, answer["code"]) == (400, "InvalidParameterValueException")
    assert answer["message"].startswith("Vault not empty or recently written to: arn:aws:glacier:")
    assert _call("DELETE", f"/v/archives/{archive}")[0] == 204
    assert [_call("DELETE", "/v")[0] for _ in range(2)] == [204, 204]


def test_an_archive_that_is_not_as_its_hash_says_is_refused() -> None:
    _call("PUT", "/v")
    assert _call("POST", "/v/archives", b"archive", {"x-amz-sha256-tree-hash": "0" * 64})[0] == 400
    assert _archive(b"")[0] == 400
    assert _call("GET", "/v")[2]["NumberOfArchives"] == 0


@pytest.mark.parametrize(
    ("method", "path", "query", "code"),
    [
        ("GET", "/missing", {}, "ResourceNotFoundException"),
        ("GET", "/missing/tags", {}, "ResourceNotFoundException"),
        ("PUT", "/not%20a%20name", {}, "InvalidParameterValueException"),
        ("POST", "/v/jobs", {}, "UnknownOperationException"),
        ("PUT", "/v/notification-configuration", {}, "UnknownOperationException"),
        ("GET", "", {"limit": "0"}, "InvalidParameterValueException"),
        ("GET", "", {"marker": "v"}, "InvalidParameterValueException"),
        ("GET", "/v/access-policy", {}, "ResourceNotFoundException"),
        ("PUT", "/v/access-policy", {}, "MissingParameterValueException"),
    ],
)
def test_what_is_refused(method: str, path: str, query: dict[str, str], code: str) -> None:
    _call("PUT", "/v")
    answer = _call(method, path, **query)[2]
    assert answer["code"] == code


def test_another_account_s_path_is_refused() -> None:
    status, _, text = asyncio.run(vaults.handle_request("GET", "/999999999999/vaults", {}, b"", {}))
    assert (status, json.loads(text)["code"]) == (403, "AccessDeniedException")


def test_a_list_has_pages() -> None:
    for at in range(5):
        _call("PUT", f"/v{at}")
    found: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    for _ in range(3):
        page = _call("GET", "", **query)[2]
        found += [each["VaultName"] for each in page["VaultList"]]
        query["marker"] = page["Marker"]
    assert (found, page["Marker"]) == (["v0", "v1", "v2", "v3", "v4"], None)


def test_a_policy_is_kept_as_it_was_written() -> None:
    _call("PUT", "/v")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "glacier:*", "Resource": vaults._arn("v")}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=3)
    assert _call("PUT", "/v/access-policy", {"Policy": text})[0] == 204
    assert _call("GET", "/v/access-policy")[2] == {"Policy": text}
    refused = _call("PUT", "/v/access-policy", {"Policy": text.replace("glacier:*", "s3:*")})[2]
    assert "an action is none of glacier" in refused["message"]


def _tag(**tags: str) -> tuple[int, dict[str, str], Any]:
    return _call("POST", "/v/tags", {"Tags": tags}, operation="add")


def test_tags_are_added_and_removed() -> None:
    _call("PUT", "/v")
    _tag(a="1", b="2")
    _tag(b="3")
    _call("POST", "/v/tags", {"TagKeys": ["a", "missing"]}, operation="remove")
    assert _call("GET", "/v/tags")[2] == {"Tags": {"b": "3"}}


def test_a_vault_has_ten_tags_at_most_and_all_are_added_or_none() -> None:
    _call("PUT", "/v")
    assert _tag(**{f"k{at}": "" for at in range(10)})[0] == 204
    assert _tag(k0="new", k10="")[2]["code"] == "LimitExceededException"
    assert _call("GET", "/v/tags")[2]["Tags"]["k0"] == ""


@pytest.mark.parametrize("tags", [{"": "v"}, {"k" * 129: "v"}, {"k": "v" * 257}, {"k?": "v"}, {"aws:k": "v"}, {"k": 1}])
def test_a_tag_that_is_refused(tags: dict[str, str]) -> None:
    _call("PUT", "/v")
    assert _tag(**tags)[2]["code"] == "InvalidParameterValueException"
    assert _call("GET", "/v/tags")[2] == {"Tags": {}}


def test_the_tree_hash_is_of_pairs_of_mebibytes() -> None:
    def sha(data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    mebibyte = b"a" * 1024 * 1024
    assert vaults._tree_hash(mebibyte) == sha(mebibyte).hex()
    three = sha(sha(sha(mebibyte) + sha(mebibyte)) + sha(b"b"))
    assert vaults._tree_hash(mebibyte * 2 + b"b") == three.hex()
