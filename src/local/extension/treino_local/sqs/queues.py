"""Queues as AWS keeps them: names, attributes, tags, lists, and what a deletion and a purge leave behind."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import sqs

from treino_local import patching
from treino_local.sqs import attributes
from treino_local.sqs.errors import Error, bad_parameter, missing, unknown_attribute
from treino_local.types import Fields

Handler = Callable[[Fields, str], Fields]

# How long, in seconds, the name of a deleted queue is blocked, and a queue is not purged again.
NAME_BLOCKED = float(os.environ.get("TREINO_LOCAL_QUEUE_BLOCK", "60"))
PURGE_AGAIN = 60.0
PAGE = 1000
TAGS = 50

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_FIFO_NAME = re.compile(r"[A-Za-z0-9_-]{1,75}\.fifo")
# By account, region and name: when it was, on the monotonic clock.
_deleted: dict[tuple[str, str, str], float] = {}
_purged: dict[tuple[str, str, str], float] = {}


def install() -> None:
    patching.function(sqs, "_get_q", "url", "action")
    patching.function(sqs, "_queue_url", "name")
    patching.function(sqs, "_rebuild_queue_name_index")
    patching.of(sqs, "_queues")
    patching.of(sqs, "DEFAULT_HOST", str)
    patching.of(sqs, "_CANONICAL_NETLOC", str)
    # Who calls by another name of this machine is answered with that one.
    sqs.DEFAULT_HOST = "127.0.0.1"
    sqs._CANONICAL_NETLOC = f"{sqs.DEFAULT_HOST}:{sqs.DEFAULT_PORT}"
    for name, handler in {
        "CreateQueue": _create,
        "DeleteQueue": _delete,
        "ListQueues": _list,
        "GetQueueAttributes": _get_attributes,
        "SetQueueAttributes": _set_attributes,
        "PurgeQueue": _purge,
        "ListQueueTags": _list_tags,
        "TagQueue": _tag,
    }.items():
        patching.entry(sqs, "_HANDLERS", name)(handler)
    handlers = patching.of(sqs, "_HANDLERS", dict)
    handlers["ListDeadLetterSourceQueues"] = _list_sources

    @patching.wrap(sqs, "_restore_state", "data")
    def restore_state(original: Callable[[Any], None], data: Any) -> None:
        original(data)
        _settle_addresses()


def _settle_addresses() -> None:
    """Queues are kept by an address with the port of the process that made them."""
    for (account, region, address), queue in list(sqs._queues.all_items()):
        here = sqs._queue_url_for_account(account, queue["name"])
        if here != address:
            sqs._queues.pop_scoped(account, region, address, None)
            queue["url"] = here
            sqs._queues.set_scoped(account, region, here, queue)
    sqs._queue_name_to_url.clear()
    sqs._rebuild_queue_name_index()


def _key(name: str) -> tuple[str, str, str]:
    return get_account_id(), get_region(), name


def _create(original: Handler, data: Fields, url: str) -> Fields:
    name, given = data.get("QueueName") or "", data.get("Attributes") or {}
    if not name:
        raise missing("QueueName")
    fifo = _is_fifo(name, given)
    arn = f"arn:aws:sqs:{get_region()}:{get_account_id()}:{name}"
    address = sqs._queue_url(name)
    present = sqs._queues.get(address)
    found = attributes.checked(given, arn, fifo, present["attributes"] if present else {})
    if present:
        for each in given:
            if not attributes.same(each, found[each], present["attributes"].get(each, "")):
                what = "A queue already exists with the same name and a different value for attribute"
                raise Error("QueueNameExists", f"{what} {each}")
        return {"QueueUrl": address}
    if time.monotonic() - _deleted.get(_key(name), float("-inf")) < NAME_BLOCKED:
        what = "You must wait 60 seconds after deleting a queue before you can create another with the same name."
        raise Error("QueueDeletedRecently", what)
    tags = data.get("tags") or data.get("Tags") or {}
    _check_tags(tags)
    defaults = {**attributes.DEFAULTS, **(attributes.FIFO_DEFAULTS if fifo else {})}
    kept = {name: value for name, value in found.items() if value or name not in attributes.REMOVABLE}
    return original({**data, "Attributes": {**defaults, **kept}, "tags": tags}, url)


def _is_fifo(name: str, given: Fields) -> bool:
    if "FifoQueue" in given:
        if given["FifoQueue"] != "true":
            raise unknown_attribute("FifoQueue")
        if not _FIFO_NAME.fullmatch(name):
            what = "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores,"
            raise Error("InvalidParameterValue", f"{what} must end with .fifo suffix and be 1 to 80 in length.")
        return True
    if not _NAME.fullmatch(name):
        what = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        raise Error("InvalidParameterValue", what)
    return False


def _delete(original: Handler, data: Fields, url: str) -> Fields:
    name = sqs._get_q(data.get("QueueUrl", url))["name"]
    answer = original(data, url)
    _deleted[_key(name)] = time.monotonic()
    _purged.pop(_key(name), None)
    return answer


def _list(_original: Handler, data: Fields, _url: str) -> Fields:
    prefix = data.get("QueueNamePrefix") or ""
    found = sorted(
        (queue["name"], address) for address, queue in sqs._queues.items() if queue["name"].startswith(prefix)
    )
    return _page("QueueUrls", [address for _, address in found], data)


def _page(member: str, everything: list[str], data: Fields) -> Fields:
    """One page; without MaxResults the first thousand and no way to the rest."""
    size = data.get("MaxResults")
    if size is not None and not 1 <= int(size) <= PAGE:
        raise bad_parameter("MaxResults", size, f"Must be between 1 and {PAGE}, if provided.")
    begin = int(data.get("NextToken") or 0)
    end = begin + (PAGE if size is None else int(size))
    answer: Fields = {member: everything[begin:end]} if everything[begin:end] else {}
    if size is not None and end < len(everything):
        answer["NextToken"] = str(end)
    return answer


def _list_sources(data: Fields, url: str) -> Fields:
    dead = sqs._get_q(data.get("QueueUrl", url), "sqs:ListDeadLetterSourceQueues")["attributes"]["QueueArn"]
    found = [
        address for address, queue in sqs._queues.items() if f'"{dead}"' in queue["attributes"].get("RedrivePolicy", "")
    ]
    return {"queueUrls": [], **_page("queueUrls", sorted(found), data)}


def _get_attributes(original: Handler, data: Fields, url: str) -> Fields:
    names = data.get("AttributeNames") or []
    attributes.check_names(names)
    answer = original({**data, "AttributeNames": names or ["All"]}, url)
    return answer if names and answer["Attributes"] else {}


def _set_attributes(original: Handler, data: Fields, url: str) -> Fields:
    queue = sqs._get_q(data.get("QueueUrl", url), "sqs:SetQueueAttributes")
    given = data.get("Attributes") or {}
    if not given:
        raise missing("Attribute.Name")
    now = queue["attributes"]
    if given.get("FifoQueue", now.get("FifoQueue")) != now.get("FifoQueue"):
        raise Error(
            "InvalidAttributeValue",
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
        )
    found = attributes.checked(given, now["QueueArn"], bool(queue["is_fifo"]), now)
    answer = original({**data, "Attributes": found}, url)
    for name in attributes.REMOVABLE:
        if found.get(name) == "":
            now.pop(name, None)
    return answer


def _purge(original: Handler, data: Fields, url: str) -> Fields:
    name = sqs._get_q(data.get("QueueUrl", url))["name"]
    if time.monotonic() - _purged.get(_key(name), float("-inf")) < PURGE_AGAIN:
        what = f"Only one PurgeQueue operation on {name} is allowed every 60 seconds."
        raise Error("PurgeQueueInProgress", what, 403)
    answer = original(data, url)
    _purged[_key(name)] = time.monotonic()
    return answer


def _list_tags(original: Handler, data: Fields, url: str) -> Fields:
    answer = original(data, url)
    return answer if answer["Tags"] else {}


def _tag(original: Handler, data: Fields, url: str) -> Fields:
    queue = sqs._get_q(data.get("QueueUrl", url), "sqs:TagQueue")
    if not data.get("Tags"):
        raise missing("Tags")
    _check_tags(data["Tags"], queue.get("tags") or {})
    return original(data, url)


def _check_tags(tags: Fields, present: Fields | None = None) -> None:
    for key, value in tags.items():
        if not 1 <= len(key) <= 128 or key.lower().startswith("aws:"):
            raise bad_parameter("Tag.Key", key, "A key has 1 to 128 characters and does not begin with aws:.")
        if not isinstance(value, str) or len(value) > 256:
            raise bad_parameter("Tag.Value", value, "A value has at most 256 characters.")
    if len({**(present or {}), **tags}) > TAGS:
        raise Error("InvalidParameterValue", f"A queue may have at most {TAGS} tags.")
