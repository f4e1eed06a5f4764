"""Large objects are not held in memory."""

import io
import sys
from pathlib import Path

import pytest
from processes import Killable
from support import REGION

SIZE = 150_000_000


class Zeros(io.RawIOBase):
    """So many bytes, none of which is kept here either."""

    def __init__(self) -> None:
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + {0: 0, 1: self._at, 2: SIZE}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        size = SIZE - self._at if size < 0 else min(size, SIZE - self._at)
        self._at += size
        return bytes(size)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says a process's most memory in /proc")
def test_memory_does_not_grow_with_an_object(tmp_path: Path) -> None:
    local = Killable(tmp_path).ready()
    s3 = local.client("s3")
    s3.create_bucket(Bucket="large", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="large", Key="one", Body=Zeros())
    s3.upload_fileobj(Zeros(), "large", "parts")
    s3.copy_object(Bucket="large", Key="copy", CopySource="large/parts")
    for key in ("one", "parts", "copy"):
        assert sum(len(part) for part in s3.get_object(Bucket="large", Key=key)["Body"].iter_chunks(1 << 20)) == SIZE
    for pid in (local.front, local.backend):
        status = Path(f"/proc/{pid}/status").read_text()
        peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
        assert peak < SIZE, f"{peak} bytes"
    local.end()
