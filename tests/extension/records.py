"""Trails for tests: what they recorded of the writes to a bucket."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support import REGION, LocalAws


def make_bucket(s3: Any, name: str) -> None:
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


def make_log_bucket(aws: LocalAws, account: str, name: str) -> None:
    s3 = aws.client("s3", account)
    make_bucket(s3, name)
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/AWSLogs/{account}/*"],
    }
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@contextmanager
def recorded(aws: LocalAws, account: str, bucket: str) -> Iterator[list[dict[str, Any]]]:
    """Makes a bucket and a trail that records what happens in it; at the end the list holds the records."""
    records: list[dict[str, Any]] = []
    logs = f"logs-of-{bucket}"
    make_log_bucket(aws, account, logs)
    s3, trails = aws.client("s3", account), aws.client("cloudtrail", account)
    make_bucket(s3, bucket)
    trails.create_trail(Name="trail", S3BucketName=logs)
    selector = {"DataResources": [{"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{bucket}/"]}]}
    trails.put_event_selectors(TrailName="trail", EventSelectors=[selector])
    trails.start_logging(Name="trail")
    yield records
    trails.stop_logging(Name="trail")
    for each in s3.list_objects_v2(Bucket=logs).get("Contents", []):
        assert each["Key"].startswith(f"AWSLogs/{account}/CloudTrail/{REGION}/")
        file = s3.get_object(Bucket=logs, Key=each["Key"])["Body"].read()
        records += json.loads(gzip.decompress(file))["Records"]
