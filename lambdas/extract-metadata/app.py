"""Records an uploaded object's metadata as one item of the table named by TABLE_NAME."""

import os

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# Clients are made once per execution environment, and retry throttling themselves
# before the state machine has to.
CONFIG = Config(retries={"mode": "standard", "max_attempts": 5})
s3 = boto3.client("s3", config=CONFIG)
table = boto3.resource("dynamodb", config=CONFIG).Table(os.environ["TABLE_NAME"])


class ObjectNotReadable(Exception):
    """The object is missing, or this function's role may not read it."""


def handler(event, context):
    bucket, key = uploaded_object(event)
    head = read_head(bucket, key)
    item = {
        # The event's own id, so that a retry writes the same item.
        "id": event.get("id") or context.aws_request_id,
        "bucket": bucket,
        "filename": key,
        "filesize": head["ContentLength"],
        "contentType": head["ContentType"],
        "labelData": [],
        "faceData": [],
    }
    # A put replaces the whole item: nothing of an earlier run of this key is left.
    table.put_item(Item=item)
    return item


def uploaded_object(event):
    """Bucket and key, of a CloudTrail data event or of S3's own event, both as EventBridge brings them.

    Neither URL-encodes the key (only S3's notifications to queues, topics and functions do),
    so it is used as it is: decoding it would turn a '+' into a space.
    """
    detail = event["detail"]
    if "requestParameters" in detail:
        return detail["requestParameters"]["bucketName"], detail["requestParameters"]["key"]
    return detail["bucket"]["name"], detail["object"]["key"]


def read_head(bucket, key):
    try:
        return s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        # An answer to HEAD has no body, so its code is a bare "404" or "403". Without
        # s3:ListBucket a missing object is a 403 too.
        if error.response["Error"]["Code"] in ("403", "404", "NoSuchKey", "NoSuchBucket", "AccessDenied"):
            raise ObjectNotReadable(
                f"s3://{bucket}/{key} does not exist, or this function's role may not read it ({error})"
            ) from error
        raise
