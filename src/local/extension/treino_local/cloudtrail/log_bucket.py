"""Whether CloudTrail may write a trail's log files to a bucket, asked of the bucket's policy."""

from typing import Any

from ministack.services import s3

from treino_local import patching
from treino_local.iam import service_principals

patching.function(s3, "_bucket_owner_account", "name")
patching.of(s3, "_bucket_policies")

_CLOUDTRAIL = "cloudtrail.amazonaws.com"


def refusal(trail_arn: str, bucket: str, prefix: str) -> tuple[str, str] | None:
    """None, or the error code and message of CloudTrail for this bucket."""
    owner = s3._bucket_owner_account(bucket)
    if owner is None:
        return "S3BucketDoesNotExistException", f"S3 bucket {bucket} does not exist!"
    account = trail_arn.split(":")[4]
    logs = f"arn:aws:s3:::{bucket}/{prefix + '/' if prefix else ''}AWSLogs/{account}/CloudTrail/x"
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)
    if all(
        _allowed(policy, trail_arn, action, resource)
        for action, resource in (("s3:GetBucketAcl", f"arn:aws:s3:::{bucket}"), ("s3:PutObject", logs))
    ):
        return None
    return "InsufficientS3BucketPolicyException", f"Incorrect S3 bucket policy is detected for bucket: {bucket}"


def _allowed(policy: Any, trail_arn: str, action: str, resource: str) -> bool:
    # The ACL is what CloudTrail sends, and the policies AWS recommends make it a condition.
    acl = {"s3:x-amz-acl": "bucket-owner-full-control"}
    return service_principals.allowed(policy, _CLOUDTRAIL, action, resource, trail_arn, **acl)
