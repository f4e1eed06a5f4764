"""New buckets block public access, as on AWS since April 2023; MiniStack does so only under AUTH."""

from collections.abc import Callable

from ministack.services import s3

from treino_local import patching


def install() -> None:
    block: str = patching.of(s3, "_NEW_BUCKET_PUBLIC_ACCESS_BLOCK", str)

    @patching.wrap(s3, "_new_bucket_public_access_block")
    def new_bucket_public_access_block(_original: Callable[[], dict[str, str]]) -> dict[str, str]:
        return {"_public_access_block": block}
