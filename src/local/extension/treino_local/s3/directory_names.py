"""Which names are those of S3 directory buckets, and which zones there are in a region."""

import re

from ministack.core.responses import get_account_id, get_region
from ministack.services import s3

from treino_local.types import Fields

SUFFIX = "--x-s3"

# A base of letters, digits and hyphens, and the zone: use1-az4, or usw2-lax1-az1 of a local zone.
_NAME = re.compile(r"(?P<base>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)--(?P<zone>[a-z0-9]+(?:-[a-z0-9]+)?-az[1-9])--x-s3")
_RESERVED = ("xn--", "sthree-", "amzn-s3-demo-")


def is_directory(bucket: str) -> bool:
    return bucket.endswith(SUFFIX)


def zone_of(bucket: str) -> str | None:
    """The zone in a valid name, else None."""
    found = _NAME.fullmatch(bucket)
    if not found or not 3 <= len(bucket) <= 63 or bucket.startswith(_RESERVED):
        return None
    return found["zone"]


def in_region(zone: str) -> bool:
    code: str = s3._region_code(get_region())
    return zone.split("-")[0] == code


def arn(bucket: str) -> str:
    return f"arn:aws:s3express:{get_region()}:{get_account_id()}:bucket/{bucket}"


def record(bucket: str) -> Fields | None:
    """What is kept of a directory bucket of this account and region, or None."""
    found: Fields | None = s3._buckets.get(bucket) if is_directory(bucket) else None
    return found if found and found.get("region") == get_region() else None
