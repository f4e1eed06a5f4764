"""CloudTrail data events: an S3 object write that a trail records reaches EventBridge and the trail's log.

MiniStack keeps trails and their selectors but nothing follows from them. Here each successful
write of an object becomes the event AWS documents, on the default bus of the bucket's region,
where the rules' own patterns, states and targets decide what it starts. Reads are left out, as
EventBridge is given none of them, and so are refused calls.
"""

import json
import logging
import queue
import threading
import time
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id, get_request_client_ip, new_uuid, request_scope
from ministack.core.router import extract_access_key_id
from ministack.services import cloudtrail, eventbridge, s3

from treino_local import patching
from treino_local.cloudtrail import selectors, trail_logs
from treino_local.s3 import calls, directory_names
from treino_local.types import Answer, AsyncHandler, Fields, Headers, Query

logger = logging.getLogger("treino.trail-events")

# (account, region, event)
_events: "queue.SimpleQueue[tuple[str, str, Fields]]" = queue.SimpleQueue()

# Headers that S3 repeats among an event's request parameters.
_PARAMETER_HEADERS = (
    "x-amz-acl",
    "x-amz-copy-source",
    "x-amz-storage-class",
    "x-amz-server-side-encryption",
    "x-amz-tagging",
)


def install() -> None:
    patching.function(eventbridge, "_put_events", "data", "allow_aws_source")
    patching.function(cloudtrail._trails, "all_items")
    patching.function(cloudtrail._event_selectors, "get_scoped", "account_id", "region", "key", "default")
    patching.function(iam_evaluator, "request_caller_arn", "headers", "query_params")

    @patching.wrap(s3, "handle_request", "method", "path", "headers", "body", "query_params")
    async def handle_request(
        original: AsyncHandler,
        method: str,
        path: str,
        headers: Headers,
        body: bytes,
        query_params: Query,
        *rest: Any,
        **options: Any,
    ) -> Answer:
        # Before the call: it may hand the request over to the bucket's owner.
        caller = get_account_id()
        answer = await original(method, path, headers, body, query_params, *rest, **options)
        try:
            _record(caller, method, path, headers, body, query_params, answer)
        except Exception:
            logger.exception("The data event of %s %s was lost", method, path)
        return answer

    threading.Thread(target=_deliver_events, name="treino-trail-events", daemon=True).start()


def _record(caller: str, method: str, path: str, headers: Headers, body: bytes, query: Query, answer: Answer) -> None:
    status, answer_headers, _ = answer
    if status >= 400 or method not in ("PUT", "POST", "DELETE") or not cloudtrail._trails._data:
        return
    bucket, _, key = path.lstrip("/").partition("/")
    name = calls.object_write(method, bucket, key, headers, query)
    # Events of directory buckets are of another type, AWS::S3Express::Object, and are not made here.
    recorded = name and not directory_names.is_directory(bucket)
    owner = s3._bucket_owner_account(bucket) if recorded else None
    if name is None or owner is None:
        return
    if name == "PostObject":
        key = calls.posted_key(answer_headers)
    with request_scope(owner, ""):
        region = s3.bucket_region(bucket)
    event = _event(name, bucket, key, owner, region, caller, headers, body, query, answer_headers)
    trails = selectors.recording(cloudtrail, owner, region, event)
    for trail in trails:
        trail_logs.add(trail, region, event)
    if trails:
        # Once, however many trails record it.
        _events.put((owner, region, event))


def _event(
    name: str,
    bucket: str,
    key: str,
    owner: str,
    region: str,
    caller: str,
    headers: Headers,
    body: bytes,
    query: Query,
    answer_headers: Headers,
) -> Fields:
    host = headers.get("host", "")
    parameters = {"bucketName": bucket, "Host": host}
    if key:
        parameters["key"] = key
    parameters.update({each: headers[each] for each in _PARAMETER_HEADERS if each in headers})
    parameters.update({each: values[0] for each, values in query.items() if not each.lower().startswith("x-amz-")})
    written = None
    if not name.startswith(("Delete", "Abort")):
        written = {each: value for each, value in answer_headers.items() if each.startswith("x-amz-ser")} or None
    return {
        "eventVersion": "1.11",
        "userIdentity": _identity(caller, headers, query),
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "eventSource": "s3.amazonaws.com",
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": get_request_client_ip(),
        "userAgent": f"[{headers.get('user-agent', '')}]",
        "requestParameters": parameters,
        "responseElements": written,
        "additionalEventData": {
            "SignatureVersion": "SigV4",
            "bytesTransferredIn": len(body or b""),
            "AuthenticationMethod": "QueryString" if "X-Amz-Signature" in query else "AuthHeader",
            "x-amz-id-2": answer_headers.get("x-amz-id-2", ""),
            "bytesTransferredOut": 0,
        },
        "requestID": answer_headers.get("x-amz-request-id", ""),
        "eventID": new_uuid(),
        "readOnly": False,
        "resources": [
            # A batch delete names no keys: its list may be larger than an event.
            {"type": "AWS::S3::Object", "ARN" if key else "ARNPrefix": f"arn:aws:s3:::{bucket}/{key}"},
            {"accountId": owner, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"},
        ],
        "eventType": "AwsApiCall",
        "managementEvent": False,
        "recipientAccountId": owner,
        "eventCategory": "Data",
        "tlsDetails": {"clientProvidedHostHeader": host},
    }


def _identity(account: str, headers: Headers, query: Query) -> Fields:
    with request_scope(account, ""):
        arn: str = iam_evaluator.request_caller_arn(headers, query)
    kind = "AssumedRole" if ":assumed-role/" in arn else "IAMUser" if ":user/" in arn else "Root"
    return {
        "type": kind,
        "principalId": account if kind == "Root" else arn.rsplit("/", 1)[-1],
        "arn": arn,
        "accountId": account,
        "accessKeyId": extract_access_key_id(headers, query),
    }


def _deliver_events() -> None:
    """Brings the events to EventBridge, in order and apart from the requests that made them."""
    while True:
        account, region, event = _events.get()
        try:
            entry = {
                "Source": "aws.s3",
                "DetailType": "AWS API Call via CloudTrail",
                "Detail": json.dumps(event),
                "EventBusName": "default",
            }
            with request_scope(account, region):
                eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
        except Exception:
            logger.exception("The data event %s was not delivered", event["eventID"])
