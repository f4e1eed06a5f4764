"""Large objects, which are not held in memory: they come from a file and go out of one, a piece at a time.

MiniStack takes and gives whole bodies. What it takes here is a file mapped into memory, whose pages leave again
after each use; it only has to be read and written in pieces where MiniStack would do it at once.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import zlib
from typing import Any

from ministack import app
from ministack.services import s3

from treino_local import patching
from treino_local.iam.payload import IN_MEMORY, Mapped, mapped


def install() -> None:
    @patching.wrap(s3, "md5_hash", "data")
    def md5_hash(original: Any, data: Any) -> Any:
        return _digest("md5", data).hexdigest() if isinstance(data, Mapped) else original(data)

    @patching.wrap(s3, "_compute_s3_checksum", "algorithm", "body")
    def compute_s3_checksum(original: Any, algorithm: str, body: Any) -> Any:
        name = algorithm.upper().replace("_", "")
        if not isinstance(body, Mapped) or name not in ("SHA1", "SHA256", "CRC32"):
            return original(algorithm, body)
        if name != "CRC32":
            return base64.b64encode(_digest(name.lower(), body).digest()).decode()
        found = 0
        for piece in body.pieces():
            found = zlib.crc32(piece, found)
        return base64.b64encode(found.to_bytes(4, "big")).decode()

    @patching.wrap(s3, "_atomic_write", "fpath", "data")
    def atomic_write(original: Any, /, path: str, data: Any, **options: Any) -> None:
        if not isinstance(data, Mapped):
            original(path, data, **options)
            return
        new = f"{path}.tmp"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in data.pieces():
                file.write(piece)
        os.replace(new, path)

    s3.treino_joined = _joined
    patching.rewrite(
        s3,
        "_complete_multipart_upload",
        ('hashlib.md5(stored["body"]).digest()', 'bytes.fromhex(md5_hash(stored["body"]))'),
        ('b"".join(combined_parts)', "treino_joined(combined_parts)"),
    )
    patching.function(s3, "_object_disk_path", "bucket", "key")

    @patching.wrap(s3, "_read_body", "bucket_name", "key", "obj")
    def read_body(original: Any, bucket: str, key: str, record: dict[str, Any]) -> Any:
        path = s3._object_disk_path(bucket, key) if record.get("body") is None and s3.S3_PERSIST else None
        try:
            if path is not None and os.stat(path).st_size > IN_MEMORY:
                with open(path, "rb") as file:
                    return mapped(file.fileno())
        except OSError:
            pass
        return original(bucket, key, record)

    # Of many versions of a key deleted by one request, the key's state is written once, not a thousand times.
    waiting: dict[tuple[str, str], Any] = {}
    batches: list[bool] = []

    @patching.wrap(s3, "_persist_version_state", "bucket_name", "key", "bucket")
    def persist_version_state(original: Any, bucket: str, key: str, record: Any) -> None:
        if batches:
            waiting[bucket, key] = record
        else:
            original(bucket, key, record)

    @patching.wrap(s3, "_delete_objects", "bucket_name", "body", "headers")
    def delete_objects(original: Any, *arguments: Any, **options: Any) -> Any:
        # On the loop that serves requests, one after the other.
        batches.append(True)
        try:
            return original(*arguments, **options)
        finally:
            batches.pop()
            while waiting:
                (bucket, key), record = waiting.popitem()
                s3._persist_version_state(bucket, key, record)

    patching.function(app, "_asgi_header_list", "headers")

    @patching.wrap(app, "_send_response", "send", "status", "headers", "body")
    async def send_response(
        original: Any,
        /,
        send: Any,
        status: int,
        headers: dict[str, Any],
        body: Any,
        **options: Any,
    ) -> None:
        if not isinstance(body, Mapped) or options.get("head"):
            await original(send, status, headers, b"" if isinstance(body, Mapped) else body, **options)
            return
        if "content-length" not in {name.lower() for name in headers}:
            headers["Content-Length"] = str(len(body))
        await send({"type": "http.response.start", "status": status, "headers": app._asgi_header_list(headers)})
        for piece in body.pieces():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _joined(parts: list[Any]) -> Any:
    if sum(len(part) for part in parts) <= IN_MEMORY:
        return b"".join(parts)
    with tempfile.TemporaryFile(prefix="parts-") as file:
        for part in parts:
            for piece in part.pieces() if isinstance(part, Mapped) else (part,):
                file.write(piece)
        file.flush()
        return mapped(file.fileno())


def _digest(name: str, body: Mapped) -> Any:
    found = hashlib.new(name, usedforsecurity=False)
    for piece in body.pieces():
        found.update(piece)
    return found
