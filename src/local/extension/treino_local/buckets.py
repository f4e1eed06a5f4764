"""New buckets block public access, as on AWS since April 2023; MiniStack does so only under AUTH."""

from ministack.services import s3

from . import ground


def install():
    block = ground.of(s3, "_NEW_BUCKET_PUBLIC_ACCESS_BLOCK", str)

    @ground.wrap(s3, "_new_bucket_public_access_block")
    def new_bucket_public_access_block(_original):
        return {"_public_access_block": block}
