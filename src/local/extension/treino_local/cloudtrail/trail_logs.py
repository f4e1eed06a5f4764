"""The log files a trail leaves in its bucket: gzipped JSON, a few seconds of events in each.

CloudTrail delivers within minutes; here it takes a second, and what is waiting is delivered
at once when a trail stops. Delivery itself is not recorded: it writes beneath the S3 API,
where the data events are made.
"""

import gzip
import json
import logging
import secrets
import threading
import time

from ministack.core.responses import request_scope
from ministack.services import s3

from treino_local import patching
from treino_local.cloudtrail import log_bucket
from treino_local.types import Fields

logger = logging.getLogger("treino.trail-logs")

BATCH_SECONDS = 1.0

patching.function(s3, "_put_object", "bucket_name", "key", "body", "headers")

# By the ARN of the trail and the region of the events: the trail and the events.
_waiting: dict[tuple[str, str], tuple[Fields, list[Fields]]] = {}
_lock = threading.Lock()
_timer: threading.Timer | None = None


def add(trail: Fields, region: str, event: Fields) -> None:
    global _timer
    with _lock:
        _waiting.setdefault((trail["TrailARN"], region), (trail, []))[1].append(event)
        if _timer is None:
            _timer = threading.Timer(BATCH_SECONDS, deliver_all)
            _timer.daemon = True
            _timer.start()


def deliver_all(trail_arn: str | None = None) -> None:
    """Delivers what is waiting: of every trail, or of one."""
    global _timer
    with _lock:
        if trail_arn is None:
            _timer = None
        due = [(each[1], *_waiting.pop(each)) for each in list(_waiting) if trail_arn in (None, each[0])]
    for region, trail, events in due:
        try:
            _deliver(trail, region, events)
        except Exception:
            # A log that cannot be written must not disturb what is being logged.
            logger.exception("The log of %s was not delivered", trail.get("TrailARN"))


def _deliver(trail: Fields, region: str, events: list[Fields]) -> None:
    account = trail["TrailARN"].split(":")[4]
    bucket = trail["S3BucketName"]
    refusal = log_bucket.refusal(trail["TrailARN"], bucket, trail.get("S3KeyPrefix", ""))
    if refusal:
        logger.error("The log of %s was not delivered: %s", trail["TrailARN"], refusal[1])
        return
    now = time.gmtime()
    name = f"{account}_CloudTrail_{region}_{time.strftime('%Y%m%dT%H%MZ', now)}_{_unique()}.json.gz"
    key = f"AWSLogs/{account}/CloudTrail/{region}/{time.strftime('%Y/%m/%d', now)}/{name}"
    if trail.get("S3KeyPrefix"):
        key = f"{trail['S3KeyPrefix']}/{key}"
    body = gzip.compress(json.dumps({"Records": events}).encode())
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    with request_scope(s3._bucket_owner_account(bucket), region):
        status, _, answer = s3._put_object(bucket, key, body, headers)
    if status >= 300:
        logger.error("The log of %s was not delivered: %s", trail["TrailARN"], answer)


def _unique() -> str:
    """The sixteen letters and digits that end the name of a CloudTrail log file."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(secrets.choice(letters) for _ in range(16))
