"""CreateTrail and its siblings as AWS answers them: tags kept, the log bucket checked, five trails a region."""

from ministack.services import cloudtrail

from treino_local import patching
from treino_local.cloudtrail import log_bucket, trail_logs
from treino_local.types import Answer, Fields, Handler

TRAILS_PER_REGION = 5


def install() -> None:
    patching.of(cloudtrail, "_trail_tags")
    patching.function(cloudtrail, "_err", "code", "msg", "status")
    patching.function(cloudtrail, "_trail_arn", "name")
    patching.function(cloudtrail, "_visible_trail_items")
    patching.function(cloudtrail, "_find_mutable_trail", "raw")
    for action, addition in {
        "CreateTrail": _create_trail,
        "UpdateTrail": _update_trail,
        "StopLogging": _deliver_first,
        "DeleteTrail": _deliver_first,
    }.items():
        patching.entry(cloudtrail, "_DISPATCH", action)(addition)


def _create_trail(original: Handler, body: Fields) -> Answer:
    name = body.get("Name", "")
    arn = cloudtrail._trail_arn(name)
    known = cloudtrail._visible_trail_items()
    if name and not any(name == each for _, each, _ in known):
        if len(known) >= TRAILS_PER_REGION:
            account, region = arn.split(":")[4], arn.split(":")[3]
            return _error(
                "MaximumNumberOfTrailsExceededException",
                f"User: {account} already has {len(known)} trails in {region}.",
            )
        refusal = log_bucket.refusal(arn, body.get("S3BucketName", ""), body.get("S3KeyPrefix", ""))
        if refusal:
            return _error(*refusal)
    answer = original(body)
    if answer[0] == 200:
        # Set even without tags: DeleteTrail leaves those of an earlier trail of this name behind.
        cloudtrail._trail_tags[arn] = {tag["Key"]: tag.get("Value", "") for tag in body.get("TagsList") or []}
    return answer


def _update_trail(original: Handler, body: Fields) -> Answer:
    _, _, trail, error = cloudtrail._find_mutable_trail(body.get("Name", ""))
    if error is None and ("S3BucketName" in body or "S3KeyPrefix" in body):
        bucket = body.get("S3BucketName", trail["S3BucketName"])
        prefix = body.get("S3KeyPrefix", trail.get("S3KeyPrefix", ""))
        refusal = log_bucket.refusal(trail["TrailARN"], bucket, prefix)
        if refusal:
            return _error(*refusal)
    return original(body)


def _deliver_first(original: Handler, body: Fields) -> Answer:
    """What the trail has recorded so far arrives before it stops, as a lab is emptied right after."""
    _, _, trail, error = cloudtrail._find_mutable_trail(body.get("Name", ""))
    if error is None:
        trail_logs.deliver_all(trail["TrailARN"])
    return original(body)


def _error(code: str, message: str) -> Answer:
    answer: Answer = cloudtrail._err(code, message)
    return answer
